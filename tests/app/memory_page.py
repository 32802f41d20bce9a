"""The page that draws a network's memory, as a browser shows it: a box for every piece of memory, a scale, a legend.

Usage: memory_page.py PATH_OF_LITE_RUN MODEL. Skips (77) where there is no Chromium.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

browser = next((b for b in ["chromium", "chromium-browser", "google-chrome"] if shutil.which(b)), None)
if browser is None:
    print("skipped: there is no Chromium")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], sys.argv[2], "--iter", "1", "--get_static_mem_info", folder], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "StaticMemoryInfo.json")) as f:
        chunks = json.load(f)["chunk"].values()
    page = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + os.path.join(folder, "profile"), "--dump-dom",
                           os.path.join(folder, "StaticMemoryInfo.html")], capture_output=True, text=True, timeout=100).stdout
boxes, pieces = len(re.findall(r'<rect class="box"', page)), sum(c["type"] == "static_mem" for c in chunks)
assert boxes == pieces > 0, "%d boxes for %d pieces of memory" % (boxes, pieces)
assert re.search(r">[\d.]+ [KM]B</text>", page), "no scale"
assert re.search(r"</i>Conv</span>", page), "no legend"
assert re.search(r"\d+ steps; an arena of", page), "no summary"
print("%d boxes" % boxes)
