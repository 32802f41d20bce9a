#!/usr/bin/env python3
"""What more threads would give: the schedule of a net simulated on the measured times of its steps.

    lite-run MODEL --threads 1 --profile one.json
    simulate_threads.py one.json [one_again.json]... [--measured P=FILE.json]... [--sync-us 1.0] [--part-us 2.0] [--memory-cores 8] [--nodes 1]
    simulate_threads.py one.json --measured 2=two.json --branches

Steps run one behind the other, as exec/runner.h has them. A step that takes t on one thread is made of equal parts of at least
--part-us; with p threads the busiest does ceil(parts / p) of them, and starting and joining costs --sync-us for each doubling of p,
twice that from one NUMA node to the next. Steps with large outputs and little arithmetic share the memory, which so many cores of one
node fill. A step takes as many threads as are best for it. --measured gives the profile of a run with P threads, to be held against
the prediction. Of several profiles each step counts with its least time. Standard library only.

--branches says what two threads would gain if two steps that do not depend on each other ran beside each other, each on one thread, where
that is faster than one behind the other on both: for steps as the profiles have them, moved to each other as far as what they read allows,
without what memory for both at once and results in the other core's cache would cost.
"""
import argparse, json, math

THREADS = [1, 2, 4, 8, 16, 32, 64]


def steps(*paths):
    """Name, time, share of the arithmetic peak and bytes of output of each step; the least time of all the profiles."""
    runs = [steps_of(p) for p in paths]
    return [dict(same[0], us=min(s["us"] for s in same), share=max(s["share"] for s in same)) for same in zip(*runs, strict=True)]


def steps_of(path):
    with open(path) as f:
        events = json.load(f)["traceEvents"]
    found = []
    for e in events:
        if e.get("ph") != "X":
            continue
        a = e["args"]
        count = 4
        for d in a.get("output", "[]").strip("[]").split(","):
            count *= int(d) if d.lstrip("-").isdigit() else 1
        found.append({"name": e["name"], "us": e["dur"], "share": a.get("share_of_peak", 0), "bytes": count, "after": a.get("after", [])})
    return found


def step_us(s, threads, a):
    """The best time of one step on at most so many threads, and the threads it takes."""
    best = (s["us"], 1)
    streams = s["bytes"] > 1 << 20 and s["share"] < 0.1  # larger than a second-level cache, and no arithmetic to hide it
    p = 2
    while p <= threads:
        parts = max(1, int(s["us"] / a.part_us))
        busy = math.ceil(parts / p) / parts
        if streams:
            busy = max(busy, 1 / (a.memory_cores * min(a.nodes, max(1, p * a.nodes // threads))))
        sync = a.sync_us * math.log2(p) * (2 if a.nodes > 1 and p > threads // a.nodes else 1)
        best = min(best, (s["us"] * busy + sync, p))
        p *= 2
    return best


def side_by_side(one, two, sync):
    """The time of two threads where the best pairs of ready steps run beside each other, and those pairs."""
    left, done, us, pairs = list(range(len(one))), set(), 0.0, []
    while left:
        ready = [i for i in left if done.issuperset(one[i]["after"])]
        gain = lambda i, j: two[i]["us"] + two[j]["us"] - max(one[i]["us"], one[j]["us"]) - sync
        best = max(((gain(i, j), i, j) for i in ready for j in ready if i < j), default=(0, 0, 0))
        now = [ready[0]] if best[0] <= 0 else list(best[1:])
        us += two[now[0]]["us"] if best[0] <= 0 else two[now[0]]["us"] + two[now[1]]["us"] - best[0]
        if best[0] > 0:
            pairs.append((best[0], one[now[0]]["name"], one[now[1]]["name"]))
        done.update(now)
        left = [i for i in left if i not in done]
    return us, sorted(pairs, reverse=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile", nargs="+", help="of a run with one thread")
    parser.add_argument("--measured", action="append", default=[], metavar="P=FILE")
    parser.add_argument("--sync-us", type=float, default=1.0)
    parser.add_argument("--part-us", type=float, default=2.0)
    parser.add_argument("--memory-cores", type=float, default=8)
    parser.add_argument("--branches", action="store_true")
    parser.add_argument("--nodes", type=int, default=1, help="NUMA nodes that the threads are spread over")
    a = parser.parse_args()
    net = steps(*a.profile)
    one = sum(s["us"] for s in net)
    measured, of_threads = {}, {}  # by the number of threads; several profiles of one number, too
    for p in {int(m.partition("=")[0]) for m in a.measured}:
        of_threads[p] = steps(*[m.partition("=")[2] for m in a.measured if int(m.partition("=")[0]) == p])
        measured[p] = sum(s["us"] for s in of_threads[p])
    if a.branches:
        if 2 not in of_threads or len(of_threads[2]) != len(net):
            parser.error("--branches needs --measured 2=FILE.json of the same steps")
        us, pairs = side_by_side(net, of_threads[2], a.sync_us)
        print(f"{len(net)} steps on two threads: {measured[2]:.1f} us, {us:.1f} with {len(pairs)} pairs side by side: {1 - us / measured[2]:.1%} less")
        for gain, i, j in pairs[:5]:
            print(f"  {gain:.1f} us: {i} beside {j}")
        return
    print(f"{len(net)} steps, {one / 1e3:.3f} ms on one thread")
    print("threads  ms        speed-up  efficiency  on one thread  measured")
    for p in THREADS:
        times = [step_us(s, p, a) for s in net]
        total = sum(t for t, _ in times)
        alone = sum(t for t, q in times if q == 1) / total
        seen = f"{one / measured[p]:.2f}" if p in measured else ""
        print(f"{p:7d}  {total / 1e3:8.3f}  {one / total:8.2f}  {one / total / p:9.0%}  {alone:13.0%}  {seen}")
    most = max(THREADS)
    left = sorted(((step_us(s, most, a)[0], s["name"]) for s in net), reverse=True)[:5]
    print(f"longest steps on {most}: " + ", ".join(f"{n} {t:.1f} us" for t, n in left))


if __name__ == "__main__":
    main()
