"""The live page in a real browser, of a real cluster: millrace serve and two workers on a corpus of made-up files.

The page is opened in headless Chromium while a run goes on. It must show the stages and both workers, one that is killed within five
seconds, and control refused without the token and obeyed with it. Nothing may come from elsewhere, nothing of a document may be shown, names
that are HTML must stay names, and axe-core must find nothing, in light and dark.

    python live.py MILLRACE AXE [--shots FOLDER]
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

MARK = "机密文本"  # in every document
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=alert(1)>"
PLACE, MOVED, SOURCE = "in <img src=x onerror=alert(3)>", "moved <img src=x onerror=alert(4)>", "<b>news<img src=x onerror=alert(5)>"
FILES, DOCUMENTS, PIECES, PIECE = 24, 2500, 10, 30  # 60 MB: some seconds for two workers of one slot each
WITHIN = 5.0  # seconds until a worker that was killed is shown so


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write_files(folder):
    """Files of made-up Chinese. The paths of two of them are HTML."""
    rng = random.Random(17)
    pool = "".join(rng.choices([chr(c) for c in range(0x4E00, 0x9F00)], k=500_000))
    names = [f"{i}.jsonl" for i in range(FILES - 2)] + [f"{HOSTILE}.jsonl", "<img src=x onerror=alert(2)>.jsonl"]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            for _ in range(DOCUMENTS):
                at = [rng.randrange(len(pool) - PIECE) for _ in range(PIECES)]
                text = MARK + "".join(pool[i:i + PIECE] for i in at) + HOSTILE
                f.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


class Cluster:
    """The processes. What they say is in a file each."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.port, self.running = binary, folder, free_port(), []
        self.config = folder / "config.yaml"
        self.configure(folder / PLACE)

    def configure(self, source):
        """A config whose source lies there. Its name is HTML as well."""
        self.config.write_text(json.dumps({  # which is YAML too
            "out": str(self.folder / "out"), "work": str(self.folder / "work"),
            "sources": [{"name": SOURCE, "path": str(source), "scan": True}],
            "plan": {"split_bytes": "128KiB"}, "nats": {"ack_wait": "2s"},
            "schedule": {"cron": "0 2 * * *", "time_zone": "Asia/Shanghai"},
            "serve": {"http": f"127.0.0.1:{self.port}", "control": True},
        }))

    def start(self, *args, host=None):
        command = [self.binary, *args, "--config", str(self.config), "--log-format", "json"]
        if host:  # a host has any name that the kernel takes
            command = ["unshare", "--uts", "sh", "-c", 'printf %s "$0" > /proc/sys/kernel/hostname; exec "$@"', host, *command]
        log = open(self.folder / f"{len(self.running)}-{args[0]}.log", "wb")
        p = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        log.close()
        self.running.append(p)
        return p

    def serve(self):
        p = self.start("serve")
        wait("serve to answer", lambda: p.poll() is not None or self.get("/readyz")[0] == 200)
        assert p.poll() is None, self.logs()
        return p

    def get(self, path, method="GET", body=None, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except OSError:
            return 0, ""

    def end(self):
        for p in self.running:
            if p.poll() is None:
                p.terminate()
        for p in self.running:
            try:
                p.wait(60)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()

    def logs(self):
        return "\n".join(f"== {p}\n{p.read_text(errors='replace')[-3000:]}" for p in sorted(self.folder.glob("*.log")))


def wait(what, true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.1)


def can_name_hosts():
    command = ["unshare", "--uts", "sh", "-c", "printf %s '<b>x' > /proc/sys/kernel/hostname && hostname"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() == "<b>x"
    except OSError:
        return False


class Browser:
    """A page that takes note of what must not be."""

    def __init__(self, chromium, base, scheme="light", width=1280):
        self.context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 1000})
        self.page = self.context.new_page()
        self.wrong, self.base, self.may_fail = [], base, False
        self.page.on("console", self.console)
        self.page.on("pageerror", lambda e: self.wrong.append(f"error: {e}"))
        self.page.on("dialog", self.dialog)
        self.page.on("request", self.request)

    def console(self, message):
        if message.type in ("error", "warning") and not self.may_fail:
            self.wrong.append(f"console: {message.text} {message.location}")

    def dialog(self, dialog):
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def request(self, request):
        if not request.url.startswith((self.base, "data:")):
            self.wrong.append(f"request to {request.url}")

    def open(self):
        self.page.goto(self.base + "/")
        self.until("document.querySelector('#connection').textContent === 'live'")
        return self

    def until(self, condition, seconds=60):
        # Not by wait_for_function, whose predicate the policy of the page forbids.
        end = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"waited for {condition} in\n{self.text()}\n{self.wrong}"
            self.page.wait_for_timeout(100)

    def text(self):
        return self.page.evaluate("document.body.innerText")

    def sound(self):
        """Nothing has gone wrong so far, and nothing on the page is what only a script or HTML of somebody else could have made."""
        assert not self.wrong, self.wrong
        assert self.page.evaluate("window.hacked") is None
        made = self.page.evaluate("""[...document.querySelectorAll('script, img, iframe, object, embed, style, form, b, [onerror], [style]:not([style=""])')]
            .map(e => e.outerHTML)""")
        assert made == ['<script src="/live/app.js" defer=""></script>'], made
        assert MARK not in self.page.content()

    def accessible(self, axe, what):
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        told = [f"{v['id']}: {v['help']}: {n['html']} {n['failureSummary']}" for v in found for n in v["nodes"]]
        assert not told, f"axe-core, {what}:\n" + "\n".join(told)


WORKER_ROWS = "[...document.querySelectorAll('#worker-rows tr')].map(r => r.innerText)"


def drive(cluster, chromium, axe, shots):
    base = f"http://127.0.0.1:{cluster.port}"
    serve = cluster.serve()
    hostile_host = can_name_hosts()
    if not hostile_host:
        print("skip: hosts cannot be named here, so no worker has a name that is HTML")
    workers = [cluster.start("worker", "--slots", "1", host=HOSTILE[:60] if hostile_host and i == 1 else None) for i in range(2)]
    b = Browser(chromium, base).open()
    b.until(f"{WORKER_ROWS}.length === 2 && {WORKER_ROWS}.every(r => r.includes('idle'))")
    b.sound()
    b.accessible(axe, "before the run")
    assert "Asia/Shanghai" in b.text() and b.page.evaluate("document.querySelectorAll('#instants li').length") == 5

    # A run, begun by the page. Without the token, and with a wrong one, there is none.
    control = lambda what: b.page.click(f"[data-do={what}]")
    answer = "document.querySelector('#answer')"
    for token in ["", "wrong"]:
        b.page.fill("#token", token)
        b.may_fail = True  # the browser's console says of each answer that it is an error
        control("start")
        b.until(f"{answer}.className.includes('bad') && {answer}.textContent.includes('token')")
        b.page.wait_for_timeout(200)
        b.may_fail = False
    assert json.loads(cluster.get("/status")[1])["run"]["id"] == "", "somebody without a token has begun a run"
    tokens = list(cluster.folder.glob("work/*/serve-control"))
    assert len(tokens) == 1 and tokens[0].stat().st_mode & 0o777 == 0o600, tokens
    token = tokens[0].read_text().strip()
    assert token not in b.page.content() + cluster.logs()
    b.page.fill("#token", token)
    control("start")
    b.until(f"{answer}.textContent.includes('is asked for')")
    b.until("document.querySelector('#phase').innerText.includes('is running')")
    b.until("document.querySelectorAll('#stage-rows tr').length >= 2 && document.querySelector('#stage-rows').innerText.includes('parse')")
    b.until(f"{WORKER_ROWS}.filter(r => r.includes('working')).length === 2")
    if hostile_host:
        assert HOSTILE[:60] in b.text()

    # Pause, as who has the token.
    control("pause")
    b.until(f"{answer}.textContent.includes('is paused')")
    b.until("document.querySelector('#phase').innerText.includes('is paused')")

    # One is killed, while the run waits: else it may be over before that is seen.
    workers[1].send_signal(signal.SIGKILL)
    killed = time.monotonic()
    b.until(f"{WORKER_ROWS}.some(r => r.includes('not heard of')) && document.querySelector('#cards').innerText.includes('1 not heard of')", WITHIN)
    print(f"a killed worker was shown after {time.monotonic() - killed:.1f} s")
    shot(b, shots, "paused")
    b.accessible(axe, "light, while a run is paused")
    b.sound()
    dark = Browser(chromium, base, "dark").open()
    dark.until("document.querySelectorAll('#stage-rows tr').length >= 2")
    dark.accessible(axe, "dark, while a run is paused")
    dark.sound()
    shot(dark, shots, "dark")
    dark.context.close()
    for width in (400, 800):
        narrow = Browser(chromium, base, width=width).open()
        narrow.until("document.querySelectorAll('#stage-rows tr').length >= 2")
        wide = narrow.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"the page is {wide} wide where there is room for {width}"
        narrow.accessible(axe, f"{width} wide")
        shot(narrow, shots, str(width))
        narrow.context.close()

    control("resume")
    b.until("document.querySelector('#phase').innerText.includes(': committed')", 300)
    b.until("document.querySelector('#version-rows').innerText.includes('manual-')", 30)
    b.until("document.querySelector('#ended-rows').innerText.includes('committed')", 30)
    b.accessible(axe, "behind the run")
    shot(b, shots, "committed")
    b.sound()
    # The report of a version is a page without texts.
    report = Browser(chromium, base)
    report.page.goto(base + "/report/1")
    assert "60,000" in report.text() or "60 000" in report.text(), report.text()[:2000]
    assert not report.wrong and MARK not in report.page.content() and report.page.evaluate("window.hacked") is None, report.wrong
    report.context.close()
    assert cluster.get("/report/2")[0] == 404
    for path in ["/live/versions", "/live/ended", "/live/dead", "/live/workers", "/status"]:
        status, body = cluster.get(path)
        assert status == 200 and MARK not in body and (path == "/status" or "<" not in body), (path, status, body[:500])

    # The connection goes, and comes again. Meanwhile the source has moved, so the next run fails and says where it was.
    b.may_fail = True
    serve.terminate()
    serve.wait(60)
    b.until("document.querySelector('#connection').textContent.startsWith('no connection since')", 30)
    (cluster.folder / PLACE).rename(cluster.folder / MOVED)
    cluster.configure(cluster.folder / MOVED)
    cluster.serve()
    b.until("document.querySelector('#connection').textContent === 'live'", 30)
    b.wrong = [w for w in b.wrong if not w.startswith("console")]
    b.may_fail = False
    control("start")
    b.until("document.querySelector('#phase').innerText.includes(': failed')")
    b.until("document.querySelector('#ended-rows').innerText.includes('failed')")
    for text in (PLACE, MOVED, SOURCE):
        assert text in b.text(), f"{text} is not in\n{b.text()}"
    b.accessible(axe, "behind a run that failed")
    shot(b, shots, "failed")
    b.sound()
    b.context.close()

    # Dead letters as a browser gets them: what makes real ones is no matter of the page.
    b = Browser(chromium, base)
    letter = {"id": HOSTILE, "version": 1, "source": SOURCE, "path": HOSTILE, "offset": 7, "bytes": 9, "reason": HOSTILE}
    page = {"total": 120, "offset": 0, "rows": [letter] * 50}
    b.page.route("**/live/dead?*", lambda route: route.fulfill(json=page))
    b.open()
    b.until(f"document.querySelector('#dead-rows').innerText.includes({json.dumps(f'{SOURCE}/{HOSTILE}')})")
    b.until("document.querySelector('#dead-pager').innerText.includes('1 to 50 of 120')")
    b.accessible(axe, "dead letters")
    b.sound()
    b.context.close()


def shot(b, folder, name):
    if folder:
        b.page.screenshot(path=f"{folder}/live-{name}.png", full_page=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("millrace")
    p.add_argument("axe", type=pathlib.Path)
    p.add_argument("--chromium", default="/usr/bin/chromium")
    p.add_argument("--shots", help="where screenshots are put")
    args = p.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-live-"))
    cluster = Cluster(os.path.abspath(args.millrace), folder)
    write_files(folder / PLACE)
    try:
        with sync_playwright() as play:
            chromium = play.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
            try:
                drive(cluster, chromium, args.axe.read_text(), args.shots)
            finally:
                chromium.close()
    except BaseException:
        print(cluster.logs())
        raise
    finally:
        cluster.end()
        shutil.rmtree(folder)
    print("the live page: all as it must be")


if __name__ == "__main__":
    main()
