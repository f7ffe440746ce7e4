"""Results of a study with values of one's own; `plain` ones are what `StudyResult.to_dict` gives."""

from convwright.studies import StudyResult

COSTS = {"parameters": 1000, "macs": 50_000, "activation_bytes": 4096, "receptive_field_px": 11, "uncounted": []}


def epochs(accuracy, number=3):
    return [{"epoch": e, "train_loss": 2 / e, "validation_accuracy": accuracy - 0.1 / e} for e in range(1, number + 1)]


def arm(name, values, metric="test_accuracy", **more):
    """An arm with one run a value, seeds from 0; `more` replaces its other fields."""
    runs = [
        {"seed": seed, "values": {metric: value, "train_accuracy": 0.9}, "seconds": 30.0, "images_per_second": 900.0,
         "record": {"epochs": epochs(value)}}
        for seed, value in enumerate(values)
    ]  # fmt: skip
    return {"name": name, "claim": f"<{name}> is said to be good", "expected": None, "costs": COSTS, "changes": [],
            "runs": runs, **more}  # fmt: skip


def result(*arms, **more):
    """See `plain`."""
    return StudyResult.from_dict(plain(*arms, **more))


def plain(*arms, **more):
    """A study whose baseline is its first arm, with which the others are compared; `more` replaces its other fields."""
    first = arms[0]["name"]
    arms = [{**each, "against": each.get("against", None if each["name"] == first else first)} for each in arms]
    return {
        "study": "small-study", "question": "Does <it> matter?", "expectation": "Hardly.", "source": "nobody.",
        "baseline": first, "metric": "test_accuracy", "budget": "quick", "hold_equal": {},
        "overrides": [], "recipe": {"epochs": 3, "optimizer": {"lr": 0.1}},
        "data": {"name": "digits", "class_names": ["a", "b"], "mean": [0.5], "std": [0.25], "note": "",
                 "fingerprint": "f", "num_images": {"train": 900, "validation": 100, "test": 400}},
        "measures": {"train_accuracy": "accuracy on the training images"}, "less_is_better": [],
        "shares": ["test_accuracy", "train_accuracy"],
        "environments": [{"torch": "2", "machine": "a computer"}], "arms": arms, "failures": [], "num_missing": 0,
        **more,
    }  # fmt: skip


BASE = [0.70, 0.71, 0.72, 0.70, 0.71, 0.73, 0.72, 0.71]
UP = [value + 0.02 + 0.001 * seed for seed, value in enumerate(BASE)]
DOWN = [value - 0.03 - 0.001 * seed for seed, value in enumerate(BASE)]
MIXED = [value + sign * 0.01 for value, sign in zip(BASE, (1, -1, 2, -1, 1, -2, 1, -1), strict=True)]
