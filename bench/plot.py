"""Draw measured rates as bars, for the README."""

from collections.abc import Sequence
from html import escape

ROW, LABEL, BAR, NUMBER = 30, 270, 360, 90
STYLE = """
    text { font: 14px system-ui, sans-serif; fill: #1f2328; }
    rect { fill: #1d4e89; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } rect { fill: #79b8ff; } }
"""


def bars(title: str, rates: Sequence[tuple[str, float]]) -> str:
    """Return an SVG with a bar for each (name, rate), in the given order."""
    most = max(rate for _name, rate in rates)
    width, height = LABEL + BAR + NUMBER, ROW * (len(rates) + 1)
    rows = "".join(
        f'\n  <text x="{LABEL - 10}" y="{ROW * place + 20}" text-anchor="end">{escape(name)}</text>'
        f'\n  <rect x="{LABEL}" y="{ROW * place + 6}" height="18"'
        f' width="{max(BAR * rate / most, 1):.1f}"/>'
        f'\n  <text x="{LABEL + BAR * rate / most + 8:.1f}" y="{ROW * place + 20}">'
        f"{rate:,.0f}</text>"
        for place, (name, rate) in enumerate(rates, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"  <title>{escape(title)}</title>\n  <style>{STYLE}  </style>\n"
        f'  <text x="{LABEL}" y="20" font-weight="600">{escape(title)}</text>{rows}\n</svg>\n'
    )
