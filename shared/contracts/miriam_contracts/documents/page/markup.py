"""Small pieces of HTML: escaped text, tables whose headers say what they head, the few forms of Markdown we write."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_CODE = re.compile(r"`([^`]+)`")
_ITEM = re.compile(r"^(?:[0-9]+\.|-) +(.*)$")


def escaped(text: object) -> str:
    """Text, so that nothing in it is taken for markup."""
    return html.escape(str(text))


def code(text: object) -> str:
    """Something that stands so in a program or a message; a long one may be broken after a dot."""
    marked = re.sub(r"([./])", r"\1<wbr>", escaped(text))
    return f"<code>{marked}</code>"


def inline(text: str) -> str:
    """A sentence in which `code` may stand between backticks."""
    parts = _CODE.split(text)
    return "".join(f"<code>{escaped(part)}</code>" if place % 2 else escaped(part) for place, part in enumerate(parts))


def anchor(text: str) -> str:
    """An id for what a text heads."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def sample(text: str, caption: str = "") -> str:
    """Something to copy. It can be reached and scrolled by keyboard."""
    label = escaped(caption or "example")
    return f'<pre tabindex="0" aria-label="{label}"><code>{escaped(text)}</code></pre>'


def as_json(value: Any) -> str:
    """A value as JSON to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table: cells are HTML, the first of each row heads it."""
    top = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>\n"
        for row in rows
    )
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escaped(caption)}"><table{named}>'
        f"<caption>{escaped(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def markdown(text: str, level: int = 2) -> str:
    """HTML of a text in Markdown of few forms: a heading, paragraphs, lists, samples to copy."""
    return "\n".join(_blocks(text, level))


def heading(text: str) -> str:
    """What the heading of a text says."""
    return text.partition("\n")[0].removeprefix("## ")


def _blocks(text: str, level: int) -> Iterator[str]:
    caption = ""
    for number, part in enumerate(re.split(r"```[a-z]*\n(.*?)\n```", text, flags=re.DOTALL)):
        if number % 2:
            yield sample(part, caption)
            continue
        for block in filter(None, (each.strip("\n") for each in part.split("\n\n"))):
            caption = block.rstrip(":")
            yield _block(block, level)


def _block(block: str, level: int) -> str:
    if block.startswith("## "):
        title = block.removeprefix("## ")
        return f'<h{level} id="{anchor(title)}">{escaped(title)}</h{level}>'
    if _ITEM.match(block.partition("\n")[0]):
        kind = "ul" if block.startswith("-") else "ol"
        items = "".join(f"<li>{inline(item)}</li>\n" for item in _items(block))
        return f"<{kind}>\n{items}</{kind}>"
    return f"<p>{inline(' '.join(block.split()))}</p>"


def _items(block: str) -> Iterator[str]:
    item = ""
    for line in block.splitlines():
        begins = _ITEM.match(line)
        if begins:
            if item:
                yield item
            item = begins[1]
        else:
            item += " " + line.strip()
    yield item
