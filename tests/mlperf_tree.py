"""Small MLPerf submission trees in their real layout, written from facts, without any of the code they test."""

import json
from pathlib import Path

SYSTEM = {
    "division": "closed",
    "submitter": "Acme",
    "status": "available",
    "system_name": "Acme Box 3000",
    "system_type": "edge",
    "number_of_nodes": "1",
    "host_processors_per_node": "2",
    "host_processor_model_name": "Acme CPU",
    "host_processor_core_count": "4 (big); 4 (LITTLE)",
    "accelerators_per_node": 8,
    "accelerator_model_name": "Acme Accelerator",
    "framework": "AcmeRT 1.0",
    "operating_system": "Ubuntu 24.04",
    "hw_notes": "Cooled",
    "sw_notes": "",
}
POWER_BEGIN, POWER_END = "02-13-2025 03:25:40.000", "02-13-2025 03:35:40.000"

OFFLINE = {"effective_scenario": "Offline", "result_samples_per_second": 1000.5, "result_mean_latency_ns": 2000000}
SERVER = {
    "effective_scenario": "Server",
    "result_perf_constraints_met": True,
    "result_completed_samples_per_sec": 900.25,
    "result_scheduled_samples_per_sec": 950.75,
    "result_99.00_percentile_latency_ns": 3064494,
}
SINGLE_STREAM = {
    "effective_scenario": "SingleStream",
    "early_stopping_latency_ss": 304853,
    "early_stopping_latency_ms": 317873,
    "result_90.00_percentile_latency_ns": 304825,
    "result_qps_without_loadgen_overhead": 3396.5,
    "result_query_count": 1000,
}


def detail(values, *, validity="VALID", version="5.0.13 @ e618c314fc", error="", extra=()):
    entries = [("loadgen_version", version), ("test_datetime", "2025-02-12T19:25:40Z"), ("sut_name", "SUT")]
    entries += [("loaded_qsl_set", [1, 2, 3]), ("power_begin", POWER_BEGIN), ("power_end", POWER_END)]
    entries += [("result_validity", validity), ("result_min_duration_met", validity == "VALID"), *values.items()]
    lines = [_line(name, value) for name, value in entries]
    if error:
        lines.append(_line("error_runtime", error, is_error=True))
    return "\n".join([*lines, *extra]) + "\n"


def _line(name, value, *, is_error=False):
    metadata = {"is_error": is_error, "is_warning": False, "file": "x.cc", "line_no": 1}
    return f":::MLLOG {json.dumps({'key': name, 'value': value, 'time_ms': 0.1, 'metadata': metadata})}"


def summary(values, *, validity="VALID"):
    """Return what a person reads of a run."""
    scenario = values["effective_scenario"]
    first = {
        "Offline": f"Samples per second: {values.get('result_samples_per_second')}",
        "Server": f"Completed samples per second    : {values.get('result_completed_samples_per_sec')}",
        "SingleStream": f"90th percentile latency (ns) : {values.get('result_90.00_percentile_latency_ns')}",
    }[scenario]
    ruler = "=" * 48
    return (
        f"{ruler}\nMLPerf Results Summary\n{ruler}\nSUT name : SUT\nScenario : {scenario}\nMode     : PerformanceOnly\n"
        f"{first}\nResult is : {validity}\n  Min duration satisfied : {'Yes' if validity == 'VALID' else 'NO'}\n\n"
        f"{ruler}\nAdditional Stats\n{ruler}\nMean latency (ns)               : 2000000\n\n"
        "No warnings encountered during test.\n\nNo errors encountered during test.\n"
    )


def write(root: Path, path: str, text: "str | bytes") -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text if isinstance(text, bytes) else text.encode())
    return target


def point(
    root,
    model,
    scenario,
    values,
    *,
    division="closed",
    submitter="Acme",
    system="box",
    accuracy="accuracy=76.078%, good=38039, total=50000\nhash=c70dd3d60c266b54\n",
    description=None,
    power=None,
    **log,
):
    """Write one result; `accuracy` None leaves the report out, `power` gives (time, Watts) samples."""
    base = f"{division}/{submitter}/results/{system}/{model}/{scenario}"
    run = f"{base}/performance/run_1"
    write(root, f"{run}/mlperf_log_detail.txt", detail(values, **log))
    write(root, f"{run}/mlperf_log_summary.txt", summary(values, validity=log.get("validity", "VALID")))
    if accuracy is not None:
        write(root, f"{base}/accuracy/accuracy.txt", accuracy)
    if power is not None:
        write(root, f"{base}/performance/power/client.json", "{}")
        lines = [f"Time,{time},Watts,{watts},Volts,230.1,Amps,1.0,PF,0.9,Mark,notset" for time, watts in power]
        write(root, f"{run}/spl.txt", "\n".join(lines) + "\n")
    described = {**SYSTEM, "division": division, "submitter": submitter, **(description or {})}
    write(root, f"{division}/{submitter}/systems/{system}.json", json.dumps(described))
    return root / base


def published(rows):
    """Return a published summary; each row is (location, result, changes)."""
    return json.dumps([_published(*row) for row in rows], indent=2)


def _published(location, result, changes=None):
    division, submitter, _, system, model, scenario = location.split("/")
    return {
        "ID": "5.0-0007",
        "Submitter": submitter,
        "Availability": "available",
        "Category": division,
        "Suite": "edge",
        "System": "Acme Box 3000",
        "Platform": system,
        "UsedModel": model,
        "Model": {"resnet50": "resnet"}.get(model, model),
        "Scenario": {"offline": "Offline", "server": "Server", "singlestream": "SingleStream"}[scenario],
        "Accuracy": "acc: 76.078",
        "Nodes": 1,
        "Accelerator": "Acme Accelerator",
        "a#": 8,
        "Location": location,
        "version": "v5.0",
        "inferred": 0,
        "has_power": False,
        "Details": "https://github.com/mlcommons/inference_results_v5.0/tree/main/closed/Acme/results/box",
        "Unique ID (e.g. for Audit)": "edge/closed/Acme/box",
        "Performance_Result": result,
        "Performance_Units": "Samples/s",
        **(changes or {}),
    }
