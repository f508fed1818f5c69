const { execFileSync } = require('node:child_process');

/**
 * Milliseconds that a function takes. No garbage is collected before: that would move the objects that the reference is
 * given out of the young generation, where those that the subject makes under the clock still are.
 */
function time(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Milliseconds that a fresh process takes from its start to its end. */
function timeProcess(args) {
  return time(() => execFileSync(process.execPath, args, { stdio: 'ignore' }));
}

/** The number that a fresh process prints: what it measured of itself. */
function timeInside(args) {
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/**
 * Measures a subject against a reference, in pairs. Both of a pair run one right after the other, each first in turn, so
 * that whatever else the machine does hits both.
 *
 * The verdict is on the median of the pairs' ratios. A pair that was disturbed halfway is an outlier, which a median
 * ignores; quotients of medians or of minimums compare runs from different moments.
 *
 * `subject` and `reference` return milliseconds. The first `warmUp` pairs do not count: they are for the compiler of V8.
 */
function compare({ name, reference, subject, pairs, warmUp = 0, target }) {
  const measured = [];
  for (let i = 0; i < warmUp + pairs; i++) {
    const pair = {};
    if (i % 2 === 0) { pair.reference = reference(); }
    pair.subject = subject();
    if (i % 2 === 1) { pair.reference = reference(); }
    if (i >= warmUp) { measured.push(pair); }
  }
  const ratio = median(measured.map(pair => pair.subject / pair.reference));
  return {
    name,
    pairs,
    subject: spread(measured.map(pair => pair.subject)),
    reference: spread(measured.map(pair => pair.reference)),
    ratio,
    target,
    isMissed: target !== undefined && ratio > target,
  };
}

function spread(values) {
  return { median: median(values), min: Math.min(...values) };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

module.exports = { compare, time, timeInside, timeProcess };
