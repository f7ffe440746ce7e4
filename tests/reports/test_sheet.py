"""Which columns of a table are numbers."""

from convwright.reports.sheet import Sheet


def test_columns_after_the_words_are_numbers():
    sheet = Sheet(titles=("arm", "what it is", "MACs"), lines=(), num_words=2)
    assert list(sheet.right) == [2]
    assert list(Sheet(titles=("arm", "p"), lines=()).right) == [1]
