/** Faults of one file's text against the dependency rule, as sentences. `path` is relative to the clone. */
export function loadFaults(path: string, text: string): string[];
/** Faults of a whole clone. */
export function layerFaults(root: string): string[];
