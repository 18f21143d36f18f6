"""Ratios, the table and the plot from the figures of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from circuits.versions import CURRENT

SYSTEMS = {"gnark_groth16": "gnark Groth16", "gnark_plonk": "gnark PLONK"}
KERNEL_PEERS = {"gnark_crypto": "gnark-crypto", "arkworks": "arkworks", "snarkjs": "snarkjs"}
MIB = 1 << 20


def ratios(report: dict[str, Any]) -> dict[str, Any]:
    """
    The peers' figures over ours: above 1 we are faster, or need less memory.

    Kernels by size; `kernels_processor` the same in processor time, for the peers that tell it:
    where other work took a core from one side and not the other, only these compare. Proofs by the
    peer's number of records, twice: `same_records` against our smallest class that holds as many
    (its log is full, so ours proves more), `per_record` against our class next in size, time and
    memory divided by records.
    """
    ours = report["ours"]
    out: dict[str, Any] = {"kernels": {}, "kernels_processor": {}, "prove": {}}
    for peer in KERNEL_PEERS:
        out["kernels"][peer] = {
            kernel: {
                size: seconds / ours["kernels"][_twin(kernel)][size]
                for size, seconds in sizes.items()
            }
            for kernel, sizes in report.get(peer, {}).get("kernels", {}).items()
        }
        for kernel, runs in report.get(peer, {}).get("kernel_runs", {}).items():
            for size, one in runs.items():
                if "cpu_seconds" in one:
                    twin = ours["kernel_runs"][_twin(kernel)][size]["cpu_seconds"]
                    out["kernels_processor"].setdefault(peer, {}).setdefault(kernel, {})[size] = (
                        one["cpu_seconds"] / twin
                    )
    out["kernels"]["msm_over_msm12"] = {
        size: seconds / ours["kernels"]["msm12"][size]
        for size, seconds in ours["kernels"]["msm"].items()
    }
    proofs = {figures["class"]: figures for figures in ours["prove"].values()}
    for peer in SYSTEMS:
        out["prove"][peer] = {}
        for count, theirs in report.get(peer, {}).get("prove", {}).items():
            records = int(count)
            entry = out["prove"][peer][count] = {}
            if (same := proofs.get(CURRENT.smallest_class(records))) is not None:
                entry["same_records"] = _against(theirs, same, 1.0, 1.0)
            if proofs:
                near = min(
                    proofs.values(),
                    key=lambda figures: max(
                        figures["records"] / records, records / figures["records"]
                    ),
                )
                entry["per_record"] = _against(theirs, near, records, near["records"])
    return out


def _uneven(report: dict[str, Any]) -> list[str]:
    """
    Kernels of which one side had more of the cores than the other: their wall times do not compare.
    """
    lines = []
    for peer, kernels in report["ratio"]["kernels_processor"].items():
        for kernel, sizes in kernels.items():
            for size, ratio in sizes.items():
                runs = (
                    report[peer]["kernel_runs"][kernel][size],
                    report["ours"]["kernel_runs"][_twin(kernel)][size],
                )
                cores, our_cores = (one["cpu_seconds"] / one["seconds"] for one in runs)
                if max(cores, our_cores) > 1.25 * min(cores, our_cores):
                    lines.append(
                        f"uneven: {KERNEL_PEERS[peer]} {kernel} {size} ran on {cores:.1f} cores, "
                        f"ours on {our_cores:.1f}: "
                        f"in processor time {ratio:.2f}x"
                    )
    return ["", *lines] if lines else []


def _twin(kernel: str) -> str:
    """
    Our kernel that does the same: ours ends in natural order, gnark's `ntt` does not and
    `ntt_natural_order` does.
    """
    return kernel.removesuffix("_natural_order")


def _against(
    theirs: dict[str, Any], ours: dict[str, Any], divide: float, divide_ours: float
) -> dict[str, Any]:
    return {
        "our_class": ours["class"],
        "our_records": ours["records"],
        "time": theirs["seconds"] / divide / (ours["seconds"] / divide_ours),
        "memory": theirs["peak_bytes"] / divide / (ours["peak_bytes"] / divide_ours),
    }


def table(report: dict[str, Any]) -> str:
    """What a run prints."""
    lines, ratio = [], report["ratio"]
    machine = report["machine"]
    ifma = "with" if machine["avx512ifma"] else "without"
    lines += [
        f"{machine['cpu']}, {machine['cores']} cores, {ifma} AVX-512 IFMA, {report['date']}",
        "",
    ]
    lines.append(
        f"{'kernel':8}{'size':>9}{'ours':>12}"
        + "".join(f"{name:>24}" for name in KERNEL_PEERS.values())
    )
    for kernel, sizes in report["ours"]["kernels"].items():
        for size, seconds in sizes.items():
            line = f"{kernel:8}{size:>9}{1e3 * seconds:>9.1f} ms"
            for peer in KERNEL_PEERS:
                theirs = report.get(peer, {}).get("kernels", {}).get(kernel, {}).get(size)
                cell = (
                    "-"
                    if theirs is None
                    else f"{1e3 * theirs:.1f} ms ({ratio['kernels'][peer][kernel][size]:.2f}x)"
                )
                line += f"{cell:>24}"
            lines.append(line)
    lines += _uneven(report)
    lines += [
        "",
        f"{'prover':16}{'records':>9}{'prove':>10}{'us/record':>11}{'peak':>10}{'verify':>9}{'proof':>8}",
    ]
    for peer, name in {"ours": "ours", **SYSTEMS}.items():
        for count, figures in report.get(peer, {}).get("prove", {}).items():
            line = (
                f"{name:16}{count:>9}{figures['seconds']:>8.2f} "
                f"s{1e6 * figures['seconds'] / int(count):>11.0f}"
            )
            line += (
                f"{figures['peak_bytes'] / MIB:>6.0f} MiB{1e3 * figures['verify_seconds']:>6.1f} ms"
            )
            line += f"{figures['proof_bytes']:>6} B"
            if "cpu_seconds" in figures:
                line += f"{figures['cpu_seconds']:>8.2f} s processor"
            if "constraints" in figures:
                line += f", {figures['constraints_per_record']:.1f} constraints a record"
                line += f", setup {figures['setup_seconds']:.0f} s"
            lines.append(line)
    lines += [
        "",
        "theirs / ours",
        f"{'prover':16}{'records':>9}   same records: time, memory    per record: time, memory",
    ]
    for peer, name in SYSTEMS.items():
        for count, entry in ratio["prove"].get(peer, {}).items():
            line = f"{name:16}{count:>9}"
            for kind in ("same_records", "per_record"):
                cell = "-"
                if kind in entry:
                    values = entry[kind]
                    cell = (
                        f"{values['time']:.1f}x, {values['memory']:.1f}x (our "
                        f"{values['our_records']})"
                    )
                line += f"{cell:>29}"
            lines.append(line)
    lines += [f"skipped: {peer}: {reason}" for peer, reason in report.get("skipped", {}).items()]
    return "\n".join(lines)


def plot(report: dict[str, Any], path: Path) -> None:
    """Time to prove against records, both logarithmic, as SVG."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "peers"  # the same figures give the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    styles = {
        "ours": ("Tierproof", "o", "#1b6e4f"),
        "gnark_groth16": ("gnark Groth16", "s", "#b3541e"),
        "gnark_plonk": ("gnark PLONK", "^", "#5b5ea6"),
    }
    for peer, (label, marker, colour) in styles.items():
        proofs = report.get(peer, {}).get("prove", {})
        if proofs:
            counts = sorted(int(count) for count in proofs)
            seconds = [proofs[str(count)]["seconds"] for count in counts]
            axes.plot(counts, seconds, marker=marker, color=colour, label=label)
            last = counts[-1], seconds[-1]
            axes.annotate(
                f"{last[1]:.3g} s", last, textcoords="offset points", xytext=(7, -3), fontsize=8
            )
    axes.set(xscale="log", yscale="log", xlabel="records", ylabel="seconds to prove")
    axes.set_xscale("log", base=2)
    axes.margins(x=0.12)
    axes.grid(True, which="both", linewidth=0.3, alpha=0.5)
    machine = report["machine"]
    axes.set_title(
        f"One proof, {machine['cores']} cores ({machine['cpu']}), {report['date']}", fontsize=9
    )
    axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
