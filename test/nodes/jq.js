#!/usr/bin/env node
// The command jq, as far as inventory.sh calls it, for machines that have none. The end-to-end tests have the real one.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const text = file => readFileSync(file, 'utf8');
const words = process.argv.slice(2);
const flags = [];
const files = [];
let library = '';
let variables = '';
let filter;
while (words.length > 0) {
  const word = words.shift();
  const bind = (name, json) => { variables += `${json} as $${name} | `; };
  if (word === '-L') {
    library = text(join(words.shift(), 'inventory.jq'));
  } else if (word === '--arg') {
    bind(words.shift(), JSON.stringify(words.shift()));
  } else if (word === '--argjson') {
    bind(words.shift(), words.shift());
  } else if (word === '--slurpfile') {
    bind(words.shift(), `[${text(words.shift()).trim().split('\n').join(',')}]`);
  } else if (word.startsWith('-')) {
    flags.push(word);
  } else if (filter === undefined) {
    filter = word.replace('include "inventory"; ', '');
  } else {
    files.push(word);
  }
}
require('jq-web').then(jq => {
  try {
    const output = jq.raw(files.map(text).join('\n'), `${library}${variables}${filter}`, flags);
    // It leaves the last end of line out.
    if (output) { process.stdout.write(`${output}\n`); }
  } catch (error) {
    process.stderr.write(`${error.stderr ?? error.message}\n`);
    process.exitCode = error.exitCode ?? 2;
  }
});
