#!/usr/bin/python3
"""Scores what `pictures pixels` wrote with OpenCV's BRISQUE (lower is better).

Needs Debian's python3-opencv and opencv-data. An optional second argument is
the longest side to shrink to before scoring (by area); 0, the default, scores
the pixels as they are.
"""
import glob
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


def main(folder, side=0):
    judge = cv2.quality.QualityBRISQUE_create(MODEL + "brisque_model_live.yml", MODEL + "brisque_range_live.yml")
    total, better, n = {}, {"classic": 0, "auto": 0}, 0
    print(f"{'BRISQUE':40} {'before':>8} {'classic':>8} {'auto':>8}")
    for before in sorted(glob.glob(folder + "/*.before.ppm")):
        s = {v: score(judge, before.replace(".before.", f".{v}."), side) for v in ("before", "classic", "auto")}
        n += 1
        for v in s:
            total[v] = total.get(v, 0) + s[v]
        for v in better:
            better[v] += s[v] < s["before"]
        mark = "" if s["auto"] < s["before"] else "  worse"
        print(f"{os.path.basename(before)[:-11]:40} {s['before']:8.2f} {s['classic']:8.2f} {s['auto']:8.2f}{mark}")
    if n:
        print(f"{'mean':40} " + " ".join(f"{total[v] / n:8.2f}" for v in ("before", "classic", "auto")))
        print(f"better than before, of {n}: classic {better['classic']}, auto {better['auto']}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
