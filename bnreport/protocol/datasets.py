"""Name the images that a run sees, by digest, without opening a file."""

import hashlib
from typing import Literal, TypeAlias

Profile: TypeAlias = Literal["full", "quick"]

FILES = {
    "train-images-idx3-ubyte.gz": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        (60_000, 28, 28),
    ),
    "train-labels-idx1-ubyte.gz": (
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        (60_000,),
    ),
    "t10k-images-idx3-ubyte.gz": (
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        (10_000, 28, 28),
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        (10_000,),
    ),
}
VALIDATION_IMAGES = 5_000

# What identifies the data of a run, known without opening a file: records are looked up by it.
FASHION_MNIST = hashlib.sha256("".join(sha for sha, _ in FILES.values()).encode()).hexdigest()
DIGITS = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


def data_digest(profile: Profile) -> str:
    """The digest of the data that the profile's runs train on."""
    return FASHION_MNIST if profile == "full" else DIGITS
