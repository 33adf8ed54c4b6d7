"""Files that joblib 1.6 wrote, deflated; `Bad` is a class whose pickle calls os.system."""

from __future__ import annotations

import base64
import zlib


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


# {"a": arange(3.), "s": array(["xy", "z"]), "o": array([{"q": 1}, None], object), "b": ones((2, 2), bool)}
CLEAN = unpacked(
    "eNqFUctKw0AUzfSBoa2PIj7AH4ibgK5cCFW6cyCCIK4kzKTRieZlHmjEQl1UW5idN//mZ/gHdZK0NbWgF2a4M9x7z7nnDGrpp1RE"
    "HxSOCPDNO4/aFlXd2PET3beMe9sE3tay52kQkOQqIL5vBvAB+6+QdclhTA2bhCHwet4FfMXtkaxWFPF6yIhvAq4ORe4FPdHKUVfk"
    "vSgR/0yeZaK2cnME49E7XICCqxwdg6ZpZxMR+YWlCChvENv2HnXHIT6M+F7BM0fTiW3duo7pRjpNIjMEvBHT1qQU0kJ8dabJSdqd"
    "ZhyFwGrFYmyFNVgTV4bAVtkaW2dtXrk8/OHHtgQ7LOMalgUvtjNiuxlgs4T3JEYm4jxPx6d4juP9iXO+oMPLLx06Od64wBvUU5hN"
    "3c7VUHXDC0zVie3IKmzgLT0wDc8NoyA2otyVZaewNIQuolDAopxQtWzO/6TG16D0hb0PgFGomeJHLa1Ml1bGlbfS0vSgJK6ybP1c"
    "YnmmLxIRq99C8hLq"
)

# {"a": arange(3.), "bad": Bad()}
BEHIND_AN_ARRAY = unpacked(
    "eNpVjj9LA0EQxe+8RINYKJb2EpvUFoKKnQdX2Fges7nVnO7eLfsH3ULQIhhhOiffzY/hN4hzlwj6iuE3w3vMex0sv5K1XmiMKRAe"
    "PrRC1WLSBG1iaerpo5KEB0W3XloL8daCMdLSJ528UZcauSCmCpwjHPYpwp2mgs7LJhy6GRhJeTZnbm3FUUyvmCsf+T4b/RJ7t+5O"
    "6WPxTjc0zjNMz6goiusVqx954kngLijVPpVag6EFHq179t9KUPV9o2XjSxG9dJTvB7G3+qPkn77PN3CxPN4QZgIq7mZaVz8Tbrvo"
    "vNRdtYG3QdKcq4XJD6wqe6M="
)

# array([Bad()], object)
INSIDE_AN_ARRAY = unpacked(
    "eNqVj8FKxDAURafOdBRxoQhu/IFx07U7kdlZqODGlYSkDbaaNCFJ0YLCuCg68Ha++Qa/xy/S15ZZufItwk24N+/c1WzzPRkHjh+M"
    "UJVI6kbbltkqf1QS4Sjrr5fO8fbWcWulw088e8NXXMCeb0SuuPcI8ZBC2K0L3nvJBLEvuZWYRh1p4wqKQrQkXYSW3sv5VpF35/oc"
    "1x/veIOLdArRC2ZZdvVDMxzpRUAB+1wp88S05hbXcDpyDtsYV9V9rWUdmGiD9JgeNmIVb7623U4Gc8Jy42SiGxWqkRIOmJO5qX1w"
    "TR4G6L9F0kmHy0jgSBf1fcrp/9jXd/SzNb56Rpj71gep++SM1krsKMnJlCS/ie6lRg=="
)
