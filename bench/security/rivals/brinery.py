"""brinery.loads with default trust."""

import brinery

name = "brinery"
packages = ("brinery",)
kind = "loader"


def judge(path: str) -> None:
    with open(path, "rb") as file:
        brinery.loads(file.read())
