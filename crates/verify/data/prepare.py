#!/usr/bin/env python3
"""Makes products.csv.gz and baskets.csv.gz, which the demo replays, from the lines of "Online Retail".

    python3 prepare.py LINES.csv.gz [--to FOLDER] [--baskets N]

LINES.csv.gz has a row per product in a basket, in order of time, the rows of a basket together:

    basket_id,time,user,item,item_name,quantity,unit_price,country
    536365,2010-12-01 08:26:00,17850,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2.55,United Kingdom

Origin, licence and what is changed stand in README.md beside this file. Python's standard library
suffices, and the same rows always make the same files (with the same zlib).
"""

import argparse
import csv
import gzip
import io
import itertools
import pathlib
import re
import statistics
from decimal import ROUND_HALF_UP, Decimal

GERMAN_SPEAKING = {"Austria", "Germany", "Switzerland"}

# The source writes names in capitals; these words keep theirs when the others are made small.
CAPITALS = """
    3D A4 A5 A6 A7 ABC CD I I'm LED S T TV US USB VIP WC
    Acapulco Afghan Amelie Antoinette Bertie Boudicca Buddha Camden Carlo Charlie Charlotte Chinese Christmas
    Cinderella Claire Columbian Covent Crusoe Czech Danish David's Dutch Easter Edwardian Elvis Emily England
    English Fanny's France French George Georgian Gordon Halloween Hawaiian Heidi Helga Henrietta Hilda Ingrid
    Jack Jean Kashmir Kashmiri Kensington Lola London Madeline Madras Mao Maria Marie Maxwell Mexican Molly Monte
    Moroccan Morris Mr Mrs Murano Nancy Nicole Nile Noel Notting Olivia Ollie Oxford Paris Parisienne Paul
    Poppy's Portobello Provencal Provence Purdey Rachel Rebecca Roman Rosie Rudolphs Russel Russian Santa Santas
    Savoy Scandinavian Sophie St Suki Susan Susie Swiss Tahiti Tokyo Tropez Tuscan Union Valentine Vegas Victorian
    Willie Winkie Xmas
"""
SPELLING = {word.upper(): word for word in CAPITALS.split()}
# "A", M.O.P, then every other word.
WORD = re.compile(r"""(?P<as_is>"[A-Z]"|(?:[A-Z][.,]){2,}[A-Z]?|[A-Z]\.[A-Z]\.[A-Z])|[A-Za-z0-9']+""")


def readable(name):
    """`WHITE HANGING HEART T-LIGHT HOLDER` becomes `White hanging heart T-light holder`."""

    def word(match):
        text = match.group()
        # A word that is not all in capitals has its intended spelling.
        if match["as_is"] or text in (text.lower(), text.capitalize()) and len(text) > 1:
            return SPELLING.get(text, text)
        return SPELLING.get(text.upper(), text.lower())

    name = " ".join(name.strip("*, ").split())
    name = WORD.sub(word, name)
    return name[:1].upper() + name[1:]


def pence(prices):
    """The median of prices in pounds, each weighted by the number of rows that have it."""
    median = statistics.median(Decimal(price) for price in prices)
    return int((median * 100).quantize(Decimal(1), ROUND_HALF_UP))


def products(rows):
    """A row per product, in order of SKU."""
    names, prices = {}, {}
    for row in rows:
        names[row["item"]] = row["item_name"]
        prices.setdefault(row["item"], []).append(row["unit_price"])
    yield ["sku", "name", "price_minor"]
    for sku in sorted(names):
        yield [sku, readable(names[sku]), pence(prices[sku])]


def baskets(rows, limit):
    """A row per line; the first line of a basket carries what all share, the others leave it empty."""
    yield ["basket", "time", "shopper", "language", "sku", "quantity"]
    grouped = itertools.groupby(rows, key=lambda row: row["basket_id"])
    for basket_id, lines in itertools.islice(grouped, limit):
        head = None
        for line in lines:
            if head is None:
                minute = line["time"][:16].replace(" ", "T")
                language = "de" if line["country"] in GERMAN_SPEAKING else "en"
                head = [basket_id, minute, line["user"], language if line["user"] else ""]
            yield [*head, line["item"], line["quantity"]]
            head = [""] * len(head)


def write(path, rows):
    """Compressed, without the name and time of writing that gzip records by default."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.getvalue().encode())
    print(f"{path}: {path.stat().st_size:,} bytes")


def main():
    here = pathlib.Path(__file__).parent
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("lines", metavar="LINES.csv.gz", type=pathlib.Path)
    arguments.add_argument("--to", metavar="FOLDER", type=pathlib.Path, default=here)
    arguments.add_argument("--baskets", metavar="N", type=int, help="only the first N; default: all")
    chosen = arguments.parse_args()

    with gzip.open(chosen.lines, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    write(chosen.to / "products.csv.gz", products(rows))
    write(chosen.to / "baskets.csv.gz", baskets(rows, chosen.baskets))


if __name__ == "__main__":
    main()
