# The main job on the sample society, as `make demo` runs it: no key, no server.
FILE=announcements/travel-awards.md
SEGMENTS="--segment students --segment early-career"
# Signs the unsubscribe links. A society sets its own once and keeps it.
NEWSLETTER_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')
export NEWSLETTER_SECRET

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say newsletter members
say newsletter segments
say newsletter check $FILE $SEGMENTS
say newsletter send $FILE $SEGMENTS
NUMBER=$(newsletter send $FILE $SEGMENTS --json 2>/dev/null \
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["recipients"])')
say newsletter send $FILE $SEGMENTS --for-real --yes-to "$NUMBER"
say newsletter status
