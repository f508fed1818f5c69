/**
 * The library that reads and writes YAML. After compiling, this file is replaced by one that has in it what is exported here, so that
 * nothing else is shipped of the library and nothing is installed with ours.
 *
 * @see https://github.com/nodeca/js-yaml
 */
export { constructFromEvents, CORE_SCHEMA, dump, EVENT_ID, getScalarValue, loadAll, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
export type { ScalarEvent } from 'js-yaml';
