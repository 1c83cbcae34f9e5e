-- Whose database this is: "RHUB". Without it any SQLite file would be taken for one that is still empty of our tables.
PRAGMA application_id = 1380472130;
