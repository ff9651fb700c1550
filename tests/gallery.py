"""Photographs pages: lines "page scheme width height picture" on standard input; height is "whole" or a number of pixels.

One browser takes them all, told what to do through a pair of pipes (Chromium's DevTools protocol, messages ended by a zero byte).
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

LIMIT = 12000  # pixels of height; a longer page is cut


class Browser:
    def __init__(self, program, profile):
        to_browser, self.out = os.pipe()
        self.inn, from_browser = os.pipe()

        def attach():
            # The browser reads 3 and writes 4.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--user-data-dir=" + profile, "--remote-debugging-pipe", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=attach)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.last = b"", 0
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.ask("Page.enable", {})

    def read(self):
        while b"\0" not in self.rest:
            part = os.read(self.inn, 1 << 20)
            if not part:
                raise SystemExit("The browser ended.")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.read()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def size(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def photograph(self, page, scheme, width, height, picture):
        self.ask("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.size(width, 800)
        self.ask("Page.navigate", {"url": "file://" + page})
        while True:
            event = self.read()
            if event.get("method") == "Page.loadEventFired":
                break
        if height == "whole":
            content = self.ask("Page.getLayoutMetrics", {})["cssContentSize"]
            if content["width"] > width:
                print(f"{page}: {content['width']} pixels wide on a screen of {width}")
            height = max(200, min(int(content["height"]), LIMIT))
        self.size(width, int(height))
        shot = self.ask("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        os.makedirs(os.path.dirname(picture), exist_ok=True)
        with open(picture, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def end(self):
        self.ask("Browser.close", {})
        self.process.wait(timeout=20)


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(sys.argv[1], profile)
        taken = 0
        try:
            for line in sys.stdin:
                page, scheme, width, height, picture = line.split()
                browser.photograph(page, scheme, int(width), height, picture)
                taken += 1
            browser.end()
        finally:
            if browser.process.poll() is None:
                browser.process.kill()
        print(f"{taken} pictures")


main()
