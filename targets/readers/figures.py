"""One way into the tracker for every file of figures: rows one by one, read or refused with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import starmap

from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile
from targets.readers.layouts import recognise_layout
from targets.readers.reading import IndicatorFacts, Reading, Rejection
from targets.readers.rows import RowReader


@dataclass(frozen=True, slots=True)
class FigureFile:
    """What a file is, and its rows, which are read as they are asked for and can be asked for once.

    `layout`: a name for programs; `label`: the same for people. `names_indicator`: rows can say which
    indicator they are about.
    """

    layout: str
    label: str
    names_indicator: bool
    rows: Iterator[Reading | Rejection]


def read_figures(
    source: SourceFile, *, facts: Mapping[int, IndicatorFacts], default: IndicatorFacts | None
) -> FigureFile:
    """Readings and rejections of a file in any of the layouts, one for each row below the header.

    Args:
        facts: what is known of the indicators, by Fingertips id.
        default: the indicator of rows that name none.

    Raises:
        BrokenTable: the file cannot be read as a table, at once or when its rows are asked for. UnknownLayout
            and FileTooLarge are kinds of it.
    """
    rows = source.iter_rows()
    _, names = next(rows, (0, []))
    if not names:
        raise BrokenTable(f"{source.name} is empty: fetch or save it again.")
    layout = recognise_layout(names, file=source.name)
    reader = RowReader(layout, names, facts=facts, default=default, find_fault=source.find_fault)
    return FigureFile(
        layout=layout.slug,
        label=layout.label,
        names_indicator=reader.names_indicator,
        rows=starmap(reader.read, rows),
    )
