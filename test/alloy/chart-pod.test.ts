import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { alloyChartDaemonSet, alloyValues } from '../../src/alloy/chart';
import type { AlloyValues } from '../../src/alloy/chart-pod';
import { chartDaemonSet } from '../../src/alloy/chart-pod';
import { CHARTS } from '../../src/versions';
import { alloySlice, CHART, resolvedPyroscope } from '../pyroscope/tenants';

const [values, rendered] = loadAll(readFileSync(join(__dirname, `../fixtures/alloy-chart-${CHARTS.alloy.version}.yaml`), 'utf8')) as [AlloyValues, DaemonSet];

describe('The DaemonSet of Alloy\'s chart', () => {
  it('is what the chart makes of the values, in everything that a policy compares', () => {
    const ours = chartDaemonSet(values, 'profiling-agents');
    expect(ours.metadata).toMatchObject({ name: rendered.metadata!.name, namespace: rendered.metadata!.namespace });
    expect(ours.spec!.template.spec).toEqual(rendered.spec!.template.spec);
    expect(ours.spec!.template.metadata!.labels).toEqual(rendered.spec!.template.metadata!.labels);
    const annotations = Object.keys(rendered.spec!.template.metadata!.annotations!).filter(key => !key.startsWith('checksum/'));
    expect(Object.keys(ours.spec!.template.metadata!.annotations!).sort()).toEqual(annotations.sort());
  });

  it('names the image as the chart puts it together', () => {
    const image = (given: AlloyValues['image']): string => chartDaemonSet({ ...values, image: given }, 'a').spec!.template.spec!.containers[0].image!;
    expect(image({ registry: 'r', repository: 'a/b', tag: 'v1' })).toBe('r/a/b:v1');
    expect(image({ registry: 'r', repository: 'a/b', digest: 'sha256:1' })).toBe('r/a/b@sha256:1');
  });

  it('is there where the chart is', () => {
    expect(alloyChartDaemonSet(alloySlice(resolvedPyroscope()))).toBeUndefined();
    const spec = alloySlice(resolvedPyroscope({ alloy: CHART }));
    expect(alloyChartDaemonSet(spec)).toEqual(chartDaemonSet(alloyValues(spec)!, 'profiling-agents'));
  });
});
