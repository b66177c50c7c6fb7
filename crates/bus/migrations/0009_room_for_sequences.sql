-- As for positions: room on the page for the next version of a row, so that no index entry is written for it.
ALTER TABLE bus.sequences SET (fillfactor = 80);
