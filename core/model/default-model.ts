/** The model that page, server and command line use unless told otherwise: a folder under `public/models/`. */
export const DEFAULT_MODEL = 'e5-small-v2-glue';
