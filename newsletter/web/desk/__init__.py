"""The desk: staff write, preview, approve, dispatch and watch in the browser.

How to build a page on it. A page module has one function, and `app.py` names the module:

    def places(desk: Desk) -> Sequence[Place]:
        def show(asked: Asked) -> Answer:
            workspace = desk.open()                 # with its settings as they are now
            return desk.page(asked, "announcements.html.j2", rows=rows(workspace))

        def rename(asked: Asked) -> Answer:
            ...                                     # asked.one("title"), asked.places["name"]
            return go_to("/announcements", said="It is called so now.")

        return (
            page("/announcements", show),
            button("/announcements/{name}/rename", rename, Right.WRITE),
        )

- `page` is GET and changes nothing; `button` is POST and may. Answers are made on threads, so
  they are plain functions; what streams is an `async` generator of strings, handed to `events`.
- `Door` has done the rest before a page sees a request: host, other sites, haste, who, rights,
  size, token. A form says `{{ ui.token(token) }}`; a script sends the token as `X-Desk-Token`
  (`desk.js` does: `post(path, body)`). A place that takes more than a form says `most=`; the
  bytes, of any Content-Type, are `asked.body`.
- Errors of ours that an answer raises are shown on a page with their hint.
- Who did it, for the ledger and the log: `asked.who.name`.
- Templates extend `layout.html.j2` and import `macros.html.j2` as `ui`; `desk.css` is the design
  system, and no template has a style or a script of its own. A page's own script is a file beside
  the templates: `<script type="module" src="{{ static('editor.js') }}">` in the block `scripts`.
- `desk.js`: what is in `<div data-part="name">` is exchanged in place whenever a file changes, if
  the page says `{% set live = true %}` at its top; and a form with `data-swap` shows its answer
  as somebody types.
- What belongs to member mail is shown in a frame; its answer has a `policy` of its own.
"""
