#!/usr/bin/env python3
"""Write the tables of docs/benchmarks.md, concepts.md and convergence.md from the results of `make bench`.

Usage: docs/bench_tables.py out/bench/closure.json out/bench/engine.json out/bench/ensemble.json
What stands between <!-- bench NAME --> and <!-- end --> in these files is replaced. Some of the
results alone will do: what belongs to the others stays as it is. Pictures beside ensemble.json are
copied to docs/images/.
"""
import glob
import json
import os
import re
import shutil
import sys

PROBLEMS = ("proxy1d", "kuma6")


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)] + rows
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def machine(j):
    m = j["machine"]
    return (f"Measured on {m['date'][:10]} with SAGIPS {m['version']}, {m['processor']} (family/model "
            f"{m['processor_family_model']}), {m['cores']} cores, {m['system']}, {m['build'].split(', ')[2]}; "
            f"load {m['load_at_start']:.1f} at the start and {j['load_at_end']:.1f} at the end. One thread. "
            f"Processor time is of this program alone, wall time suffers from what else ran.")


def closure(j):
    c = j["closure"]
    out = []
    for name in PROBLEMS:
        p = c[name]
        head = [name] + [f"p{i}" for i in range(6)]
        rows = [["limit, % of the truth"] + [number(x, 3) for x in p["limit_percent"]]]
        for key, text in (("rms_e", "rms e = (estimate - fit)/limit"),
                          ("rms_pull", "rms (estimate - truth)/limit"),
                          ("rms_pull_fit", "rms (fit - truth)/limit"),
                          ("rms_pull_own_uncertainty", "rms (estimate - truth)/own uncertainty"),
                          ("own_uncertainty_over_limit", "own uncertainty/limit")):
            rows.append([text] + [number(x) for x in p[key]])
        out.append(table(head, rows))
    head = [f"{c['n_data_sets']} data sets of {c['n_events']:,} events"] + list(PROBLEMS)
    rows = [[text] + [form(c[name]) for name in PROBLEMS] for text, form in (
        ("trainings that failed", lambda p: str(p["failures"])),
        ("rms e of all parameters", lambda p: number(p["rms_e_all"])),
        ("mean abs. residual, %: estimate, fit, expected at the limit", lambda p: ", ".join(
            number(p[k], 3) for k in ("mean_abs_percent_mean", "mean_abs_percent_fit_mean",
                                      "expected_mean_abs_percent"))),
        ("sets with a mean abs. residual within 1.7 times that expectation: estimate, fit",
         lambda p: f"{p['data_sets_within_allowed']}, {p['data_sets_within_allowed_fit']}"),
        ("chi2 by the truth, mean: estimate, fit (6 expected)",
         lambda p: f"{p['chi2_mean']:.1f}, {p['chi2_fit_mean']:.1f}"),
        ("truth within 1, 2 own uncertainties, % (68, 95 expected)",
         lambda p: ", ".join(f"{100 * p[f'own_uncertainty_within_{n}_sigma']:.0f}" for n in (1, 2))),
        ("epochs until the mean abs. residual stays below 5 %, median (sets that got there)",
         lambda p: f"{number(p['median_epochs_to_5_percent'], 0)} ({p['reached_5_percent']})"),
        ("the same for 2 % (and sets on which the fit itself ends below 2 %)",
         lambda p: f"{number(p['median_epochs_to_2_percent'], 0)} ({p['reached_2_percent']}; "
                   f"{p['data_sets_below_2_percent_fit']})"),
        ("seconds, median: wall time, processor time",
         lambda p: f"{number(p['median_seconds'])}, {number(p['median_seconds_cpu'])}"),
        ("seconds of the covariance; of the maximum-likelihood fit",
         lambda p: f"{number(p['median_seconds_uncertainty'])}; {number(p['median_seconds_fit'])}"))]
    out.append(table(head, rows))
    return "\n\n".join(out)


def truths(j):
    t = j["truths"]
    head = ["preset unchanged"] + list(PROBLEMS)
    rows = [[text] + [form(t[name]) for name in PROBLEMS] for text, form in (
        ("truths", lambda p: str(p["n_truths"])),
        ("trainings that failed", lambda p: str(p["failures"])),
        ("all parameters within 4 limits of the fit", lambda p: str(p["closed_by_fit"])),
        ("all within 4 limits of the truth (of the fits, so many)",
         lambda p: f"{p['closed_by_truth']} ({p['closed_by_truth_fit']})"),
        ("rms e, median over truths", lambda p: number(p["median_rms_e"])),
        ("worst parameter's e: median, largest",
         lambda p: f"{number(p['median_worst_e'])}, {number(p['largest_worst_e'])}"))]
    return table(head, rows)


def variants(j):
    v = j["variants"]
    names = list(v[PROBLEMS[0]])
    head = ["variant", "data sets"] + [f"{n}: {w}" for n in PROBLEMS
                                       for w in ("rms e", "largest e", "processor seconds")]
    rows = []
    for name in names:
        row = [name, str(len(v[PROBLEMS[0]][name]["runs"]))]
        for problem in PROBLEMS:
            one = v[problem][name]
            row += [number(one["rms_e"]) + (f" ({one['failures']} failed)" if one["failures"] else ""),
                    number(one["largest_abs_e"]), number(one["median_seconds_cpu"])]
        rows.append(row)
    tuning = v["direct_rate_tuning"]
    seeds = tuning["data_seeds"]
    tuned = "; ".join(f"{rate}: {', '.join(number(e[p]) for p in PROBLEMS)}"
                      for rate, e in tuning["rms_e"].items())
    return (table(head, rows) + f"\n\nThe rate of `direct` was tuned on data seeds {seeds[0]} to {seeds[1]}, "
            f"which no other table uses; rms e there ({', '.join(PROBLEMS)}) by rate: {tuned}.")


def generator(j):
    v = j["variants"]
    keep = [n for n, one in v[PROBLEMS[0]].items() if not one.get("settings") or
            any(key.startswith("generator.") for key in one["settings"])]
    head = ["proposer"] + [f"{n}: rms e" for n in PROBLEMS] + [f"{n}: processor seconds" for n in PROBLEMS]
    rows = [[n] + [number(v[p][n]["rms_e"]) for p in PROBLEMS] +
            [number(v[p][n]["median_seconds_cpu"]) for p in PROBLEMS] for n in keep]
    return (table(head, rows) + f"\n\n{v['n_data_sets']} data sets of {v['n_events']:,} events each; e is the "
            "distance from the maximum-likelihood fit in units of the limit. "
            f"Measured on {j['machine']['date'][:10]}; machine and more in [benchmarks](benchmarks.md).")


def routes(j):
    r = j["routes"]
    head = ["route"] + [f"{n}: {w}" for n in PROBLEMS for w in ("rms e", "10^6 events made", "processor seconds")]
    names = [n for n in r[PROBLEMS[1]]]
    rows = []
    for name in names:
        row = [name]
        for problem in PROBLEMS:
            one = r[problem].get(name)
            if one is None:
                row += ["-"] * 3
                continue
            told = one["median_laws_told"] / 1e6
            row += [number(one["rms_e"]) + (f" ({one['failures']} failed)" if one["failures"] else ""),
                    f"{one['median_events_made'] / 1e6:.0f}" + (f" + {told:.0f} log p" if told else ""),
                    number(one["median_seconds_cpu"])]
        rows.append(row)
    last = r["first_seed"] + r["n_data_sets"] - 1
    return (table(head, rows) + f"\n\nData seeds {r['first_seed']} to {last}, {r['n_events']:,} events each, preset "
            f"`fast`; e is the distance from the maximum-likelihood fit in units of the limit. Measured on "
            f"{j['machine']['date'][:10]}, {j['machine']['processor']} (family/model "
            f"{j['machine']['processor_family_model']}), one thread, load {j['machine']['load_at_start']:.1f}.")


def overhead(j):
    head = ["events a row", "bare loop, us a row: forward, backward", "+ forward, us a row (%)",
            "+ backward, us a row (%)", "+ a row alone, us (%)", "+ training epoch, us a row"]
    c = j["callback"]
    rows = [[str(r["events_per_row"]),
             f"{r['bare_forward_us_per_row']:.2f}, {r['bare_backward_us_per_row']:.2f}"] +
            [f"{r[k + '_beyond_us_per_row']:.2f} ({r[k + '_beyond_percent']:.1f})"
             for k in ("forward", "backward", "one_call")] + [number(r["epoch_beyond_us_per_row"])]
            for r in c["rows"]]
    goals = table(["goal", "at most", "measured", ""],
                  [[g["what"], f"{g['goal']:g} {g['unit']}", f"{number(g['value'])} {g['unit']}",
                    "met" if g["met"] else "missed"] for g in c["goals"]])
    moments = [k for k in j["memory"]["proxy1d"]]
    memory = table(["peak memory, MB"] + moments,
                   [[p] + [number(j["memory"][p][m]["peak_mb"], 1) for m in moments] for p in PROBLEMS])
    return (table(head, rows) + "\n\n" + goals + "\n\n" + memory +
            f"\n\nThe events themselves are {j['memory']['events_mb']:.1f} MB of that. Measured on "
            f"{j['machine']['date'][:10]}, {j['machine']['processor']} (family/model "
            f"{j['machine']['processor_family_model']}), load {j['machine']['load_at_start']:.1f}.")


def ask(j):
    head = ["rows x events", "epoch by callbacks, us a row", "+ whole batch a ticket, us a row (%)",
            "+ 10 rows a ticket", "+ 1 row a ticket"]
    rows = [[f"{r['rows']} x {r['events_per_row']}", number(r["callbacks_us_per_row"])] +
            [f"{r[f'rows_{n}_beyond_us_per_row']:.2f} ({r[f'rows_{n}_beyond_percent']:.1f})" for n in (0, 10, 1)]
            for r in j["ask"]["rows"]]
    return (table(head, rows) + f"\n\nMeasured on {j['machine']['date'][:10]}, {j['machine']['processor']} "
            f"(family/model {j['machine']['processor_family_model']}), load {j['machine']['load_at_start']:.1f}.")


def engine_machine(j):
    m = j["machine"]
    peaks = "; ".join(f"{name}: {p['one']:.1f} and {p['two']:.1f}" for name, p in j["fma_peak_gflops"].items())
    return (f"Measured on {m['date'][:10]} with SAGIPS {m['version']}, {m['processor']} (family/model "
            f"{m['processor_family_model']}), {m['cores']} cores, {m['system']}, {m['build'].split(', ')[2]}; "
            f"load {m['load_at_start']:.1f} at the start and {j['load_at_end']:.1f} at the end; device "
            f"{j['device']}, {j['simd']}; {j['rounds']} rounds. Fused multiply-adds in single precision, "
            f"GFLOP/s of one core and of two processes at once: {peaks}.")


def times(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}x"


def engine_epochs(j):
    head = ["rows x events, threads", "ms, median (least)", "GFLOP/s", "% of peak (by processor time)", "MB",
            "torch eager takes", "with tuned malloc", "compiled", "memory: torch eager takes"]
    rows = [[f"{c['rows']} x {c['events']}, {c['threads']}", f"{c['ms']:.2f} ({c['ms_min']:.2f})",
             number(c["gflops"], 1), f"{c['percent_of_peak']:.1f} ({number(c.get('percent_of_peak_cpu'), 1)})",
             number(c["rss_mb"], 1)] +
            [times(c[f"ratio_torch_{mode}"]) for mode in ("eager", "tuned", "compile")] +
            [times(c["ratio_memory_eager"], 0)] for c in j["cases"]]
    return table(head, rows)


def engine_torch(j):
    if not j["torch_found"]:
        return "No python of that machine could import torch."
    head = ["rows x events, threads", "PyTorch", "mode", "ms, median (least)", "MB"]
    rows = [[f"{c['rows']} x {c['events']}, {c['threads']}", t["torch"], t["mode"],
             f"{t['ms']:.2f} ({t['ms_min']:.2f})", number(t["rss_mb"], 0)]
            for c in j["cases"] for t in c["torch"]]
    builds = {t["torch"]: t["blas"] for c in j["cases"] for t in c["torch"]}
    return table(head, rows) + "\n\n" + " ".join(f"{name}: {blas}." for name, blas in builds.items())


def engine_phases(j):
    names = ["generator forward", "pipeline", "discriminator step", "event gradient",
             "generator backward", "Adam", "rest", "total"]
    rows = [[f"{c['rows']} x {c['events']}, {c['threads']}"] +
            [number(c["phases_ms"][n], 2 if c["phases_ms"]["total"] > 10 else 3) for n in names]
            for c in j["cases"]]
    return table(["ms"] + names, rows)


def engine_sweep(j):
    s = j["sweep"]
    cases = [c for c in s["cases"] if c["threads"] == 1 and c["depth"] == 3]
    batches = sorted({c["batch"] for c in cases})
    cell = {(c["width"], c["batch"]): f"{number(c['ratio'])} ({c['percent_of_peak']:.0f})" for c in cases}
    rows = [[str(w)] + [cell.get((w, b), "") for b in batches] for w in sorted({c["width"] for c in cases})]
    others = [[str(c["width"]), str(c["depth"]), str(c["batch"]), str(c["threads"]), number(c["ratio"]),
               f"{c['percent_of_peak']:.0f}"] for c in s["cases"] if c not in cases]
    sums = s["summary"]
    return (table(["width"] + [f"{b} events" for b in batches], rows) + "\n\n" +
            table(["width", "depth", "events", "threads", "ratio", "% of peak"], others) +
            f"\n\nReferences: {', '.join(s['libraries'])}. Slower than the best of them: {sums['cases_slower']} of "
            f"{sums['cases']} cases. Below half of the peak from width 32, depth 2 and 4096 events on: "
            f"{sums['cases_below_peak_goal']} of {sums['cases_with_peak_goal']}. "
            f"Largest relative error {sums['largest_error']:.1e}.")


def engine_accuracy(j):
    cases = j["accuracy"]["cases"]
    targets = [k for k in next(iter(cases.values())) if k != "widths"]
    rows = [[name, c["widths"]] + [f"{c[t]['error']:.1e}" for t in targets] for name, c in cases.items()]
    return table(["network", "widths"] + targets, rows)


def quoted(pair, digits=2, factor=1):
    value, error = (None if x is None else factor * x for x in pair)
    return f"{number(value, digits)} ± {number(error, digits)}"


def ensemble_machine(j):
    runs = [run for part in j["ensemble_bench"].values() for run in part.values()]
    m = runs[0]["machine"]
    dates = sorted({run["machine"]["date"][:10] for run in runs})
    loads = [x for run in runs for x in (run["machine"]["load_at_start"], run["load_at_end"])]
    return (f"Measured on {' and '.join(dates)} with SAGIPS {m['version']}, {m['processor']} (family/model "
            f"{m['processor_family_model']}), {m['cores']} cores, {m['system']}, {m['build'].split(', ')[2]}; "
            f"load {min(loads):.1f} to {max(loads):.1f}. One thread; seconds are of processor time.")


def by_parameter(part, head, rows, extra):
    """Rows of [key, text, digits, factor]: a column for each parameter, the last one for all."""
    out = []
    for name in (n for n in PROBLEMS if n in part):
        p = part[name]
        lines = [[text] + [number(x[0] * factor, digits) for x in p[key]] +
                 [quoted(p[key + "_all"], digits, factor)] for key, text, digits, factor in rows]
        out.append(table([f"{name}: {head(p)}"] + [f"p{i}" for i in range(6)] + ["all"], lines) + extra(p))
    return "\n\n".join(out)


COVERAGE = [("within_1_sigma", "truth within 1 sigma, % (68.3 expected)", 0, 100),
            ("within_196_sigma", "within 1.96 sigma, % (95.0)", 0, 100)]


def calibration(j):
    rows = COVERAGE + [("mean_pull", "mean pull", 2, 1), ("rms_pull", "rms pull", 2, 1),
                       ("rms_pull_fit", "rms (fit - truth)/limit", 2, 1),
                       ("fit_within_1_limit", "fit within 1 limit, %", 0, 100),
                       ("rms_e", "rms e = (estimate - fit)/limit", 2, 1),
                       ("own_over_limit", "stated sigma/limit", 2, 1)]
    return by_parameter(j["calibration"], lambda p: f"{p['n_data_sets']} data sets of {p['n_events']:,} events", rows,
                        lambda p: "\n\nSlope of estimate - truth on fit - truth: "
                                  f"{quoted(p['slope_on_fit'], 3)}. Trainings that failed: {p['failures']}.")


def replicas(j):
    rows = [("scatter", "scatter of trainings on the same data/limit", 2, 1),
            ("stated", "stated training part/limit", 2, 1),
            ("mean_e", "rms (their mean - fit)/limit", 2, 1),
            ("mean_pull", "rms (their mean - truth)/statistical part", 2, 1)]
    return by_parameter(j["replicas"], lambda p: f"{p['n_replicas']} trainings on each of {p['n_data_sets']} data sets "
                        f"of {p['n_events']:,} events", rows,
                        lambda p: f"\n\nScatter over stated training part: {quoted(p['scatter_over_stated'])}.")


def members(j):
    rows = COVERAGE + [("rms_pull", "rms pull of the mean", 2, 1), ("rms_e", "rms e of the mean", 2, 1),
                       ("spread_over_statistical", "diag C/diag S", 2, 1),
                       ("spread_over_draw", "diag C/diag B", 2, 1)]
    return by_parameter(j["members"], lambda p: f"{p['n_members']} members, {p['n_data_sets']} data sets "
                        f"of {p['n_events']:,} events", rows,
                        lambda p: f"\n\ntr(S^-1 C)/tr(S^-1 B): {quoted(p['trace_ratio'])}.")


def capacity(j):
    c = j["capacity"]["proxy1d"]
    batches = sorted({cell["batch"] for cell in c["cells"]})
    names = list(dict.fromkeys(cell["name"] for cell in c["cells"]))
    cell = {(x["name"], x["batch"]): x for x in c["cells"]}
    rows = [[n, cell[n, batches[0]]["rate"]] +
            [f"{number(x['spread_percent'])}, {number(x['residual_percent'])}, {number(x['rms_e'], 1)}"
             for x in (cell[n, b] for b in batches)] for n in names]
    return ("![Width and batch](images/capacity.svg)\n\n" +
            table(["spread %, residual %, rms e", "rate"] + [f"batch {b}" for b in batches], rows) +
            f"\n\n{c['n_members']} trainings of {c['epochs']} epochs on the same {c['n_events']:,} events. The residual "
            f"of their maximum-likelihood fit is {number(c['fit_residual_percent'])} %.")


def spread(j):
    s = j["spread"]["proxy1d"]
    rows = [[str(a["members"])] + [f"{number(x[0])} [{number(x[1])}, {number(x[2])}]"
                                   for one in (a, b) for x in (one["spread"], one["rmse"])]
            for a, b in zip(s["bootstrap"], s["same_data"]) if a["members"] in (2, 3, 4, 6, 8, 12, 16, 20)]
    return ("![Error against spread](images/spread.svg)\n\n" +
            table(["M", "own draws: spread %", "RMSE %", "same data: spread %", "RMSE %"], rows) +
            f"\n\nMedian [95 %] of {s['n_draws']} subsets of {s['n_members']} members; {s['n_events']:,} events. The RMSE of "
            f"the maximum-likelihood fit of the same data is {number(s['fit_rmse'])} %.")


def baseline(j):
    out = []
    for name in (n for n in PROBLEMS if n in j["baseline"]):
        b = j["baseline"][name]
        rows = [[r["name"], str(r["n_data_sets"]), number(r["median_seconds"]),
                 f"{number(r['median_seconds_to_close'])} ({r['closed']})",
                 f"{number(r['median_seconds_to_follow'])} ({r['followed']})"] for r in b["rows"]]
        stones = [[f"{m['times']:g}", number(m["seconds"], 1), ", ".join(number(e, 1) for e in m["rms_e"]),
                   number(m["median_percent"], 1)] for m in b["milestones"]]
        out.append(table([name, "data sets", "seconds in all", "until it closes", "until rms e <= 1"], rows) +
                   f"\n\nThe maximum-likelihood fit takes {number(b['fit_seconds'])} s and itself closes on "
                   f"{b['rows'][0]['fits_within']} of {b['rows'][0]['n_data_sets']} sets; `fast` ends at rms e "
                   f"{number(b['fast_rms_e'])} (median). The paper's recipe after so many times the seconds of `fast`:\n\n" +
                   table(["times", "seconds", "rms e", "mean abs. residual, %"], stones))
    return "\n\n".join(out)


def tuning(j):
    out = []
    for name in (n for n in PROBLEMS if n in j["baseline"]):
        t = j["baseline"][name]["tuning"]
        later = {x["recipe"]: x["rms_e"] for x in t["finalists"]}
        rows = [[x["recipe"], number(x["rms_e"], 1), number(later[x["recipe"]], 1) if x["recipe"] in later else ""]
                for x in t["grid"]]
        out.append(table([f"{name}: rows x events, rates of generator and discriminator",
                          f"rms e on seed {t['data_seeds'][0]}", f"on {t['data_seeds'][0]} to {t['data_seeds'][1]}"],
                         rows) +
                   f"\n\nAfter {t['times']:g} times the seconds of `fast`; geometric means over data sets. Taken: "
                   f"{t['recipe']}.")
    return "\n\n".join(out)


ENSEMBLE = {"calibration": calibration, "replicas": replicas, "members": members, "capacity": capacity,
            "spread": spread, "baseline": baseline}


def ensemble_tables(path, j):
    for picture in glob.glob(os.path.join(os.path.dirname(path), "*.svg")):
        shutil.copy(picture, os.path.join(os.path.dirname(os.path.abspath(__file__)), "images"))
    parts = j["ensemble_bench"]
    made = {name: part(parts) for name, part in ENSEMBLE.items() if name in parts}
    made["ensemble_machine"] = ensemble_machine(j)
    if "baseline" in parts:
        made["tuning"] = tuning(parts)
    return made


# Table: what makes it, and the parts of bench_closure that it needs.
CLOSURE = {"machine": (machine, {"closure", "truths", "variants", "callback"}), "closure": (closure, {"closure"}),
           "truths": (truths, {"truths"}), "variants": (variants, {"variants"}),
           "generator": (generator, {"variants"}), "routes": (routes, {"routes"}), "overhead": (overhead, {"callback", "memory"}),
           "ask": (ask, {"ask"})}
ENGINE = {"engine_machine": engine_machine, "engine_epochs": engine_epochs, "engine_torch": engine_torch,
          "engine_phases": engine_phases, "engine_sweep": engine_sweep, "engine_accuracy": engine_accuracy}


def main():
    made = {}
    for path in sys.argv[1:]:
        j = json.load(open(path))
        if "ensemble_bench" in j:
            made.update(ensemble_tables(path, j))
        elif "fma_peak_gflops" in j:
            made.update({name: part(j) for name, part in ENGINE.items()})
        else:
            made.update({name: part(j) for name, (part, needs) in CLOSURE.items() if needs <= j.keys()})
    for file in ("benchmarks.md", "concepts.md", "convergence.md"):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), file)
        text = open(path).read()
        text = re.sub(r"(<!-- bench (\w+) -->\n).*?(<!-- end -->)",
                      lambda m: m[1] + "\n" + made[m[2]] + "\n\n" + m[3] if m[2] in made else m[0], text, flags=re.S)
        open(path, "w").write(text)


main()
