//! Findings made up for the tests, from the story of the sample corpus.
