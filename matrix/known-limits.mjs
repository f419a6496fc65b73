// What a runtime really can't do: a fault or a gap of its own that Hawser can't make up for.
// `runtime` and `case` say which case fails where; `symptom` has to be in what it fails with; `why` is for readers.
// A case that is listed here is neither passed nor failed. When it passes after all, that counts as failed: the list
// says what is true.
export const KNOWN_LIMITS = [];
