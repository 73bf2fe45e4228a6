"""Setting a paper as PDF: a layout of this room, data as JSON, and the fonts that come with Vela."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typst import Fonts

LAYOUTS = Path(__file__).parent
FONTS = LAYOUTS.parent / "static" / "vendor" / "inter-print"


def typeset(layout: str, data: Mapping[str, Any], made_at: datetime) -> bytes:
    """The paper that `layout` (a name in this room) makes of `data`, as PDF.

    `data` reaches the layout as JSON, so no text in it is ever read as markup. The same data and the same moment make
    the same bytes: nothing is asked of the machine, neither its clock nor its fonts.
    """
    import typst  # noqa: PLC0415 large, and few requests print

    return typst.compile(
        LAYOUTS / f"{layout}.typ",
        root=LAYOUTS,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(made_at.timestamp()),
    )


@cache
def _fonts() -> "Fonts":
    import typst  # noqa: PLC0415 see above

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
