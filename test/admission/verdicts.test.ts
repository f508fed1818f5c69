import { evaluator } from './evaluator';
import { renderManifests, renderParts } from '../../src/render';
import { DEFAULT_IMAGES } from '../../src/versions';
import { admissionCases } from '../e2e/suites/admission-cases';
import { specFor } from '../e2e/suites/admission-cases/document';
import { admissionRequest } from '../e2e/suites/admission-cases/requests';
import type { AdmissionCase } from '../e2e/suites/admission-cases/rows';

// The table of requests that the end-to-end tests ask the real API server and Kyverno, in an implementation of CEL.
const digests = new Map(Object.values(DEFAULT_IMAGES).map(reference => [reference, `sha256:${'0123456789abcdef'.repeat(4)}`]));
const spec = specFor('enforce', digests);
const manifests = renderManifests(spec);
const refusalsOf = evaluator(Object.values(renderParts(spec).admission));
const cases = admissionCases(manifests);

/** Of hundreds of rows that differ in little, some, and all with PROPERTY_RUNS=all. */
const sampled = cases.filter(({ isGenerated }, i) => !isGenerated || process.env.PROPERTY_RUNS === 'all' || i % 8 === 0);

/** What is wrong with the verdict on a row. */
function mistake(one: AdmissionCase): string | undefined {
  const refusals = refusalsOf(admissionRequest(one, manifests).request);
  const said = JSON.stringify(refusals);
  if (!one.refusedBy) { return refusals.length > 0 ? `${one.name}: ${said}` : undefined; }
  const [policy, message] = one.refusedBy;
  const own = refusals.find(refusal => refusal.policy === policy);
  // What is no object of its kind may not be evaluated at all.
  const isRight = own !== undefined && (own.isError ? one.mayBeInvalid : message.test(own.message));
  return isRight ? undefined : `${one.name}: ${said}`;
}

describe('The table of admission requests', () => {
  const policies = [...new Set(cases.flatMap(({ refusedBy }) => refusedBy?.[0] ?? []))];

  it.each(policies)('is refused where it should by %s, which says what to do', policy => {
    expect(sampled.filter(({ refusedBy }) => refusedBy?.[0] === policy).flatMap(one => mistake(one) ?? [])).toEqual([]);
  });

  it('is admitted where nothing refuses it', () => {
    expect(sampled.filter(({ refusedBy }) => !refusedBy).flatMap(one => mistake(one) ?? [])).toEqual([]);
  });

  it('has rows for every policy', () => {
    const names = Object.values(renderParts(spec).admission).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name.replace('profiling-agents-', ''));
    // This one has run out, so that it refuses nothing.
    expect(policies.sort()).toEqual(names.filter(name => name !== 'freeze').sort());
  });
});
