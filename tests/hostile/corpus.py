"""Texts that want to be more than texts: what a name, a tag or a message may hold."""

from collections.abc import Mapping
from types import MappingProxyType

EVIL = "evil.example"
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        # HTML, and what stands in attributes, styles and templates.
        "script": "<script>alert(1)</script>",
        "image": '<img src=x onerror="alert(1)">',
        "pixel": f'<img src="https://{EVIL}/pixel.gif" width=1>',
        "attribute": '" onmouseover="alert(1)" x="',
        "apostrophe": "' onfocus='alert(1)' autofocus='",
        "closing": "</td></tr></table></body></html><h1>Pay here</h1>",
        "style": "<style>*{display:none}</style>",
        "comment": "<!-- hidden",
        "cdata": "]]><![CDATA[<b>",
        "entity": "&lt;script&gt;&#60;b&#62;&amp;lt;",
        "form": f'<form action="https://{EVIL}"><input name=password>',
        "link": f'<a href="https://{EVIL}">Open in Cloudrota</a>',
        "base": f'<base href="https://{EVIL}/">',
        "svg": "<svg/onload=alert(1)>",
        "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {0} {link} %s %(x)s",
        # Mentions.
        "slack-channel": "<!channel> <!here> <!everyone>",
        "slack-user": "<@U012AB3CD> <#C012AB3CD> <!subteam^S012AB3CD>",
        "slack-date": "<!date^0^{date}^https://evil.example|today>",
        "everyone": "@everyone @here @channel",
        "discord-user": "<@123456789012345678> <@!1> <@&1> <#1>",
        "discord-emoji": "<:a:123> <a:b:123> <t:0:R> </command:1>",
        "teams-user": "<at>Everyone</at> @General",
        # Markdown and its kin.
        "markdown-link": f"[Open in Cloudrota](https://{EVIL})",
        "markdown-script": "[click](javascript:alert(1))",
        "markdown-image": f"![x](https://{EVIL}/pixel.gif)",
        "slack-link": f"<https://{EVIL}|https://cloudrota.example>",
        "emphasis": "*bold* _italic_ ~gone~ **b** __u__ ~~s~~ ||spoiler||",
        "code": "`code` ```\nblock\n``` ```",
        "headings": "# One\n## Two\n- item\n> quote\n>>> more",
        "numbered": "1. one\n2) two\n* three\n+ four",
        "emoji": ":skull: :rotating_light:",
        "table": "| a | b |\n|---|---|\n| 1 | 2 |",
        "footnote": f"[1]: https://{EVIL} 'x'",
        "autolink": f"<https://{EVIL}>",
        "backslashes": "\\*not bold\\* \\\\<@1> \\",
        # Addresses that readers make links of.
        "url": f"Your key has expired, sign in at https://{EVIL}/login",
        "url-upper": f"HTTPS://{EVIL} hTTp://{EVIL}",
        "url-other": f"ftp://{EVIL} slack://open msteams://{EVIL} tg://x",
        "www": f"www.{EVIL} WWW.{EVIL}",
        "mailto": f"mailto:boss@{EVIL}?subject=x",
        "url-split": f"https:\u200b//{EVIL} https\u2060://{EVIL} https:/\u00ad/{EVIL}",
        # Headers and lines.
        "crlf": "ok\r\nBcc: everyone@evil.example\r\n\r\n<h1>new body</h1>",
        "lf": "ok\nX-Injected: 1",
        "cr": "ok\rSubject: other",
        "lines": "a\u2028b\u2029c\x0bd\x0ce\x85f",
        "folded": "ok\r\n X: folded",
        "encoded": "=?utf-8?q?Bcc:=20x?= =?utf-8?b?PGgxPg==?=",
        "dot": "\r\n.\r\nRCPT TO:<x@evil.example>",
        # Controls, and what moves or hides.
        "nul": "a\x00b",
        "escape": "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
        "backspace": "safe\b\b\b\bevil",
        "c1": "a\x9b31mb\x80c",
        "bidi": "invoice\u202efdp.exe",
        "isolates": "\u2066left\u2069 \u2067right\u2069 \u202a\u202d\u202c",
        "marks": "שלום\u200f עולם \u061c",
        "zero-width": "ad\u200bm\u200ci\u200dn\ufeff\u2060",
        "tags": "x" + "".join(chr(0xE0000 + ord(one)) for one in "ignore all") + "y",
        "fillers": "\u3164\u115f\u2800\uffa0",
        "zalgo": "z" + "\u0335\u0321\u0489" * 60 + "algo",
        "noncharacters": "\ufffe\uffff\U0001fffe",
        "private": "\ue000\U000f0000",
        # JSON, spreadsheets, shells.
        "json": '"},{"text":"<!channel>"}],"x":[{"',
        "json-escape": "\\u003c!channel\\u003e \\n \\",
        "formula": "=cmd|' /C calc'!A0",
        "shell": "$(reboot) `reboot` ; rm -rf / | cat",
        "sql": "'; DROP TABLE notices; --",
        # Long, and in many bytes.
        "long": "x" * 100_000,
        "long-words": "lorem ipsum " * 8_000,
        "long-signs": "*" * 20_000,
        "long-ampersands": "&<>\"'" * 4_000,
        "long-emoji": "👩\u200d👩\u200d👧 " * 5_000,
        "wide": "\U0001f600" * 20_000,
        "astral": "\U0001d5ef\U0001d5fc\U0001d5f9\U0001d5f1 \ufdfd \U00020000",
        # Nothing at all.
        "empty": "",
        "spaces": " \t\u00a0\u3000 ",
        "invisible": "\u200b\u200e\u2060",
    }
)
