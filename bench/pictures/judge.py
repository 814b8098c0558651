#!/usr/bin/python3
"""Scores what `pictures pixels` wrote with OpenCV's BRISQUE (lower is better).

    judge.py [-json] FOLDER [SIDE]

Needs Debian's python3-opencv and opencv-data. SIDE is the longest side to
shrink to before scoring (by area); 0, the default, scores the pixels as they
are. -json prints the scores by name instead of a table.
"""
import glob
import json
import os
import sys

import cv2

MODEL = "/usr/share/opencv4/quality/"


def score(judge, path, side):
    img = cv2.imread(path)
    longest = max(img.shape[:2])
    if side and longest > side:
        img = cv2.resize(img, None, fx=side / longest, fy=side / longest, interpolation=cv2.INTER_AREA)
    return judge.compute(img)[0]


VERSIONS = ("before", "classic", "auto")


def scores(folder, side):
    judge = cv2.quality.QualityBRISQUE_create(MODEL + "brisque_model_live.yml", MODEL + "brisque_range_live.yml")
    found = {}
    for before in sorted(glob.glob(folder + "/*.before.ppm")):
        name = os.path.basename(before)[: -len(".before.ppm")]
        found[name] = {v: score(judge, f"{folder}/{name}.{v}.ppm", side) for v in VERSIONS}
    return found


def table(found):
    print(f"{'BRISQUE':40} " + " ".join(f"{v:>8}" for v in VERSIONS))
    for name, s in found.items():
        mark = "" if s["auto"] < s["before"] else "  not better"
        print(f"{name:40} " + " ".join(f"{s[v]:8.2f}" for v in VERSIONS) + mark)
    n = len(found)
    print(f"{'mean':40} " + " ".join(f"{sum(s[v] for s in found.values()) / n:8.2f}" for v in VERSIONS))
    better = {v: sum(s[v] < s["before"] for s in found.values()) for v in VERSIONS}
    print(f"better than before, of {n}: classic {better['classic']}, auto {better['auto']}")


def main(args):
    as_json = args[:1] == ["-json"]
    folder, *side = args[as_json:]
    found = scores(folder, int(side[0]) if side else 0)
    if not found:
        sys.exit(f"{folder}: nothing to judge")
    print(json.dumps(found)) if as_json else table(found)


if __name__ == "__main__":
    main(sys.argv[1:])
