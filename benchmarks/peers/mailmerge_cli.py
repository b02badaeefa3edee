"""mailmerge's command, over a template with both parts; it does not escape values in HTML."""

import tempfile
from pathlib import Path

import job
from click.testing import CliRunner
from mailmerge.__main__ import main

VALUES = (
    "{{ first_name or 'colleague' }}",
    "{{ email }}",
    "https://news.meridian.example.org/u/{{ '0' * (40 - member_id|length) }}{{ member_id }}",
)
html, text = job.pages()
folder = Path(tempfile.mkdtemp())
(folder / "server.conf").write_text(f"[smtp_server]\nhost = 127.0.0.1\nport = {job.port()}\n")
(folder / "template.txt").write_text(
    f"""TO: {{{{ email }}}}
SUBJECT: {job.SUBJECT.format(VALUES[0])}
FROM: {job.SENDER}
LIST-UNSUBSCRIBE: <{VALUES[2]}>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="boundary"

--boundary
Content-Type: text/plain; charset=utf-8

{job.merged(text, VALUES)}
--boundary
Content-Type: text/html; charset=utf-8

{job.merged(html, VALUES)}
--boundary--
""",
    encoding="utf-8",
)
done = CliRunner().invoke(
    main,
    [
        *("--template", str(folder / "template.txt"), "--config", str(folder / "server.conf")),
        *("--database", job.sys.argv[2], "--no-dry-run", "--no-limit"),
        *("--output-format", "raw"),
    ],
)
assert done.exit_code == 0 or not list(job.rows()), done.output
