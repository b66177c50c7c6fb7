-- Whether the service has taken what came since its first queue: then it is not new, even if nothing has come yet.
CREATE TABLE bus.begun (one boolean PRIMARY KEY DEFAULT true CHECK (one));
