/**
 * What the conductor says about this run:
 * `runtime` and `kind` and `version` of where it should be running, `command` to start another script on it,
 * `certificate` with the paths of `key` and `cert`, `peer` with the URL of another runtime's server, `done` with the
 * ids of cases that are not to be run again, `caseLimitMs`.
 */
export const settings = JSON.parse(process.env.MATRIX_SETTINGS);
