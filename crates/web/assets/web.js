// What pages do beyond what they say: they follow what happens, without a reload.
