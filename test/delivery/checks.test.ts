import { onlyProblem, paths, pyroscope, refusalOf } from '../config/errors';
import { CHART, MICROSERVICES } from '../pyroscope/tenants';
import { resolved } from '../support';

describe('GitOps', () => {
  it('is refused when it names no tool', () => {
    expect(onlyProblem(refusalOf({ gitOps: {} }))).toEqual({
      path: 'gitOps', message: 'names no tool', allowed: 'exactly one of `argoCd` and `flux`', fix: 'write `argoCd: {}` or `flux: {}`',
    });
  });

  it('is refused when it names both tools', () => {
    expect(onlyProblem(refusalOf({ gitOps: { argoCd: {}, flux: {} } }))).toEqual({
      path: 'gitOps', message: 'names both tools', allowed: 'exactly one of `argoCd` and `flux`', fix: 'keep one',
    });
  });

  it.each<[string, object]>([
    ['the chart of Pyroscope', pyroscope(CHART)],
    ['the chart of Alloy alone', pyroscope({ alloy: CHART })],
    ['microservices', pyroscope(MICROSERVICES)],
    ['no chart at all, since it applies manifests as well', {}],
  ])('is accepted with %s', (_, sections) => {
    [{ argoCd: {} }, { flux: {} }].forEach(gitOps => expect(() => resolved({ ...sections, gitOps })).not.toThrow());
  });

  it('is not missed when its tool is wrong', () => {
    expect(paths(refusalOf({ gitOps: { flux: 'yes' } }))).toEqual(['gitOps.flux']);
    expect(paths(refusalOf({ gitOps: 'flux' }))).toEqual(['gitOps']);
  });
});

describe('The destination of Argo CD', () => {
  const destined = (destination: unknown) => ({ gitOps: { argoCd: { destination } } });
  const path = 'gitOps.argoCd.destination';
  const allowed = 'exactly one of `name` and `server`';

  it('is refused when it is no cluster', () => {
    expect(onlyProblem(refusalOf(destined({})))).toEqual({
      path, message: 'names no cluster', allowed, fix: 'write the name under which Argo CD knows the cluster, or remove the key for its own',
    });
  });

  it('is refused when it is named twice', () => {
    expect(onlyProblem(refusalOf(destined({ name: 'prod', server: 'https://10.0.0.10:6443' })))).toEqual({
      path, message: 'names the cluster twice', allowed, fix: 'keep one',
    });
  });

  it.each([{ name: 'prod' }, { server: 'https://10.0.0.10:6443' }, undefined])('is accepted: %j', destination => {
    expect(() => resolved(destined(destination))).not.toThrow();
  });

  it('is not missed when it is wrong', () => {
    expect(paths(refusalOf(destined({ server: 'http://10.0.0.10' })))).toEqual([`${path}.server`]);
    expect(paths(refusalOf(destined('prod')))).toEqual([path]);
  });
});
