"""The data sets that a trial can name: what each holds and what identifies it, without a file."""

from typing import Final, Literal, TypeAlias

from bnreport.protocol.datasets import DIGITS, FASHION_MNIST, VALIDATION_IMAGES, Profile
from bnreport.protocol.frozen import Frozen, digest

# Where images come from: a folder of files, a package that ships them, or a recipe.
Source: TypeAlias = Literal["fashion-mnist", "mnist-5k", "mnist-1d", "digits"]

# Of the arrays, as those of the digits: unsigned bytes, images and then labels.
MNIST_5K = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
# Of what the recipe makes: signals in ten-thousandths as 32-bit integers, then labels as bytes.
MNIST_1D = "fb9a958d9dea39ce33baa5c3639688747d41ffe953f550b774dacb95be479025"

# What recipes train on that name no data set.
FASHION_MNIST_NAME: Final = "fashion-mnist"
# Five classes and the other five, for nets that learn one half and are tuned on the other. Of
# Fashion-MNIST the first are clothes; the last hold its three kinds of shoes, shirts and bags.
FIRST_FIVE = (0, 1, 2, 3, 4)
LAST_FIVE = (5, 6, 7, 8, 9)


class Data(Frozen):
    """A data set without its images, which all have pixels in 0..1 but for MNIST-1D.

    The seed of a run draws from `pool` images those that validate and, of the others, as many to
    train on as its recipe says. Test images are the same for every seed. So 4,000 images of
    Fashion-MNIST are as many as those of a small data set.

    Attributes:
        name: what trials call it.
        title: what pages call it.
        source: where its images come from.
        origin: the digest of what comes from there.
        image: height and width of an image; a signal is an image of one row.
        pool: how many images there are beside those of the test.
        validation: how many of them validate.
        test: how many images test; there may be none.
        block: a pixel is the mean of so many by so many pixels of the source.
        classes: how many classes there are.
    """

    name: str
    title: str
    source: Source
    origin: str
    image: tuple[int, int]
    pool: int
    validation: int
    test: int = 0
    block: int = 1
    classes: int = 10

    @property
    def train(self) -> int:
        """The number of images that train."""
        return self.pool - self.validation

    @property
    def digest(self) -> str:
        """The digest by which the identity of a run names its data.

        It is the digest of the source where its pixels are taken as they are, as in the first
        edition; otherwise it also covers what is done to them.
        """
        if self.block == 1:
            return self.origin
        return digest({"origin": self.origin, "block": self.block})


def _halved(data: Data) -> Data:
    """The same images at half their height and width, by means of 2 by 2 pixels."""
    height, width = (side // 2 for side in data.image)
    title = f"{data.title} at {height} × {width} pixels"
    changes = {"name": f"{data.name}-{height}", "title": title, "image": (height, width)}
    return data.model_copy(update=changes | {"block": 2 * data.block})


_FASHION = Data(
    name=FASHION_MNIST_NAME,
    title="Fashion-MNIST",
    source="fashion-mnist",
    origin=FASHION_MNIST,
    image=(28, 28),
    pool=60_000,
    validation=VALIDATION_IMAGES,
    test=10_000,
)
_MNIST_5K = Data(
    name="mnist-5k",
    title="5,000 images of MNIST",
    source="mnist-5k",
    origin=MNIST_5K,
    image=(28, 28),
    pool=5_000,
    validation=1_000,
)
_MNIST_1D = Data(
    name="mnist-1d",
    title="MNIST-1D",
    source="mnist-1d",
    origin=MNIST_1D,
    image=(1, 40),
    pool=5_000,
    validation=1_000,
)
_DIGITS = Data(
    name="digits",
    title="scikit-learn's digits",
    source="digits",
    origin=DIGITS,
    image=(8, 8),
    pool=1_497,
    validation=300,
    test=300,
)
# A data set is declared here, and its source in `training/data.py`.
DATA = {
    data.name: data
    for data in (
        _FASHION,
        _halved(_FASHION),
        _MNIST_5K,
        _halved(_MNIST_5K),
        _MNIST_1D,
        _DIGITS,
    )
}


def data_named(name: str, profile: Profile = "full") -> Data:
    """The data set of that name; the quick profile takes the digits in place of any other.

    Raises:
        ValueError: for another name.
    """
    if name not in DATA:
        raise ValueError(
            f"Expected the name of a data set. Received: {name!r}. Use one of: {', '.join(DATA)}."
        )
    return DATA[name if profile == "full" else _DIGITS.name]
