"""The keeper is killed: the server ends with it, and both come up again."""
import concurrent.futures
import http.client
import os
import pathlib
import signal
import subprocess
import time

from desk import JAPANESE, Desk, Scene, expect, said, wait_until


def keeper_of(town):
    """The server's own child that holds the keys."""
    path = pathlib.Path(f"/proc/{town.server.pid}/task/{town.server.pid}/children")
    children = [int(pid) for pid in path.read_text().split()]
    assert len(children) == 1, children
    return children[0]


def has_ended(pid):
    """Killed, or a zombie that its parent has not looked at yet."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def lost_keeper(town):
    """The server ends with its keeper, says so once, and both come up again."""
    scene = Scene(town)
    town.close()
    town.open(stderr=subprocess.PIPE)
    desk = Desk(town, scene.body, "clerk")
    assert desk.send_raw("GET", scene.record, scene.why)[0] == 200
    keeper = keeper_of(town)
    os.kill(keeper, signal.SIGKILL)
    while not has_ended(keeper):
        time.sleep(0.001)
    refused = 0
    for _ in range(1000):  # until nobody answers, nothing is given
        try:
            expect(desk, 503, path=scene.record, text=scene.why, hidden=scene.secrets)
            refused += 1
        except (OSError, http.client.HTTPException):
            break
    status = town.server.wait(timeout=20)
    with town.server.stderr as stream:
        lines = [line for line in stream if line.startswith("fumikura:")]
    assert status == 4, status  # systemd starts it again: Restart=on-failure
    assert len(lines) == 1 and "the keeper ended" in lines[0], lines
    town.server.stdout.close()
    town.open()
    values = town.log_on(scene.body, "clerk").get(scene.record,
                                                  purpose=scene.purpose)["values"]
    assert scene.secrets[0] in [v.get("text") for v in values]
    print(f"# {refused} requests refused while it ended")


def keeper_that_dies_at_work(town):
    """Killed under many requests: each got the record, a refusal or no answer."""
    scene = Scene(town)
    desks = [Desk(town, scene.body, "clerk") for _ in range(4)]
    seen = []  # by all of them

    def read_on(desk):
        while True:
            try:
                status, _, page = desk.send_raw("GET", scene.record, scene.why)
            except (OSError, http.client.HTTPException):
                return  # nobody is there any more
            seen.append(status)
            has_secret = scene.secrets[0] in page.decode("utf-8", "replace")
            assert has_secret == (status == 200), status
            if status != 200:
                assert status == 503 and JAPANESE.search(said(page)), status

    with concurrent.futures.ThreadPoolExecutor(len(desks)) as pool:
        readers = [pool.submit(read_on, desk) for desk in desks]
        wait_until(lambda: len(seen) > 40)
        os.kill(keeper_of(town), signal.SIGKILL)
        status = town.server.wait(timeout=20)
        for reader in readers:
            reader.result()
    assert status == 4 and seen.count(200) > 10, (status, len(seen))
    town.server.stdout.close()
    verified = town.run("ledger", "verify", str(town.data), check=False)
    assert verified.returncode == 0, verified.stderr
    town.open()
    clerk = town.log_on(scene.body, "clerk")
    assert clerk.get(scene.record, purpose=scene.purpose)["entry"] > seen.count(200)
