"""The one frame of all our mails in HTML: readable on a telephone and in the dark, with
nothing in it that is fetched from anywhere."""

from html import escape

from app.integrations.email import Mail

_STYLE = """\
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f1f4f8; }
.page { width: 100%; background: #f1f4f8; }
.card { background: #ffffff; border: 1px solid #dce2ea; border-radius: 8px; }
.text { font-family: -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
  font-size: 15px; line-height: 1.5; color: #1d2733; overflow-wrap: anywhere; }
.text p { margin: 0 0 14px; }
.text h1 { font-size: 20px; line-height: 1.3; margin: 0 0 14px; font-weight: 600; }
.text a { color: #0b5cad; }
.text pre { white-space: pre-wrap; font-size: 13px; }
.text table { border-collapse: collapse; width: 100%; margin: 0 0 18px; }
.text td { padding: 7px 0; border-top: 1px solid #e6ebf1; vertical-align: top;
  text-align: left; }
.text td.name { width: 120px; padding-right: 12px; }
.name, .quiet { color: #5b6878; }
.quiet { font-size: 13px; }
.brand { font-weight: 700; letter-spacing: 0.2px; }
.text a.button { display: inline-block; padding: 10px 18px; border-radius: 6px;
  background: #0b5cad; color: #ffffff; text-decoration: none; font-weight: 600; }
@media (max-width: 480px) {
  .text td.name { display: block; width: auto; padding-bottom: 0; }
  .text td.name + td { display: block; border-top: 0; padding-top: 0; }
}
@media (prefers-color-scheme: dark) {
  body, .page { background: #10151b !important; }
  .card { background: #1a212a !important; border-color: #2d3845 !important; }
  .text { color: #e4e9ef !important; }
  .text a { color: #7ab8f5 !important; }
  .text td { border-color: #2d3845 !important; }
  .name, .quiet { color: #9aa7b6 !important; }
  .text a.button { background: #7ab8f5 !important; color: #10151b !important; }
}"""
_FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>Cloudrota</title>
<style>
{style}
</style>
</head>
<body>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0">
<tr><td align="center" style="padding: 24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"
 style="max-width: 600px">
<tr><td class="text brand" style="padding: 0 4px 12px">Cloudrota</td></tr>
<tr><td class="card text" style="padding: 24px{edge}">
{inside}
</td></tr>
{foot}</table>
</td></tr>
</table>
</body>
</html>
"""
_FOOT = """\
<tr><td class="text quiet" style="padding: 14px 4px 0">{words}</td></tr>
"""
_POINTING_TEXT = """\
{what}

{then}

{link}
"""
_POINTING_HTML = """\
<p>{what}</p>
<p>{then}</p>
<p><a href="{link}">{link}</a></p>
"""


def pointing(*, to: str, subject: str, what: str, then: str, link: str) -> Mail:
    """A mail of what happened, what to do then, and the link at which that is done."""
    words = {"what": what, "then": then, "link": link}
    safe = {name: escape(word) for name, word in words.items()}
    return Mail(
        to=to,
        subject=subject,
        text=_POINTING_TEXT.format(**words),
        html=framed(_POINTING_HTML.format(**safe)),
    )


def framed(inside: str, *, color: str | None = None, foot: str = "") -> str:
    """A whole page around `inside`, which is HTML, with all that comes from outside
    escaped. `color` marks its upper edge; `foot` is a text that stands below."""
    return _FRAME.format(
        style=_STYLE,
        edge=f"; border-top: 4px solid {color} !important" if color else "",
        inside=inside.strip(),
        foot=_FOOT.format(words=escape(foot)) if foot else "",
    )
