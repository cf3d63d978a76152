"""The environment of a workflow says where the source is; what is no repository is refused."""

import pytest

from bnreport.errors import DataError
from bnreport.pages.library.repository import VARIABLES, Repository, read_repository

FORK = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "someone/else",
    "GITHUB_REF": "refs/heads/main",
}


def test_the_names_are_those_that_workflows_have() -> None:
    # https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    assert read_repository(FORK) == Repository(FORK["GITHUB_SERVER_URL"], "someone/else", "main")
    assert {*VARIABLES} == FORK.keys()
    assert read_repository({}) is None
    assert read_repository({"GITHUB_SERVER_URL": "https://github.com"}) is None


def test_a_branch_is_the_one_that_is_published_and_never_the_merge_of_a_request() -> None:
    for ref, branch in (
        ("refs/heads/main", "main"),
        ("refs/heads/topic/one", "topic/one"),
        ("refs/pull/12/merge", "main"),
        ("refs/tags/v1.0.0", "main"),
        ("", "main"),
    ):
        found = read_repository(FORK | {"GITHUB_REF": ref})
        assert found is not None
        assert found.branch == branch
    topic = Repository("https://github.com", "a/b", "topic/one")
    assert topic.opened["Binder"].startswith("https://mybinder.org/v2/gh/a/b/topic%2Fone?")


def test_services_that_read_another_server_are_not_offered() -> None:
    assert Repository("https://code.example", "a/b").opened == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", 'a/b"><script>'),
        ("GITHUB_REPOSITORY", "a"),
        ("GITHUB_SERVER_URL", "javascript:alert(1)"),
        ("GITHUB_REF", 'refs/heads/"onload='),
    ],
)
def test_what_is_no_repository_is_refused(name: str, value: str) -> None:
    with pytest.raises(DataError, match=f"Expected {name} to be as"):
        read_repository(FORK | {name: value})
