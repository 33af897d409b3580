/** What a probe writes lies under this prefix, which no object of a repository has, and is removed by it. */
export const PROBE_FOLDER = 'probe/';
