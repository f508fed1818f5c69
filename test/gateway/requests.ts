/** Who may make a request, and which backend answers. */
export interface Permission {
  readonly role: string;
  readonly backend: string;
}

/** The routes of an HAProxy configuration, read as HAProxy reads them: exact strings, and expressions searched in the path. */
export function permissions(config: string, method: string, path: string): Permission[] {
  const acls = new Map<string, Array<(path: string) => boolean>>();
  const found: Permission[] = [];
  for (const line of linesOf(config)) {
    const acl = /^acl (route_\S+) path -m (str|reg) (\S+)$/.exec(line);
    if (acl) {
      const [, name, kind, value] = acl;
      acls.set(name, [...acls.get(name) ?? [], kind === 'str' ? candidate => candidate === value : candidate => new RegExp(value).test(candidate)]);
    }
    const allow = /^http-request set-var\(txn\.backend\) str\((\S+)\) if \{ var\(txn\.role\) -m str (\S+) \} \{ method ([A-Z ]+) \} (route_\S+)$/.exec(line);
    if (allow && allow[3].split(' ').includes(method) && acls.get(allow[4])!.some(test => test(path))) {
      found.push({ role: allow[2], backend: allow[1] });
    }
  }
  return found;
}

/** The lines of a configuration without what indents them. */
export function linesOf(config: string): string[] {
  return config.split('\n').map(line => line.trim());
}

/** The lines of one backend. */
export function backendOf(config: string, name: string): string[] {
  const lines = linesOf(config);
  const start = lines.indexOf(`backend ${name}`);
  if (start < 0) { throw new Error(`no backend ${name}`); }
  const end = lines.indexOf('', start);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}
