import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROXY_DIRECTORY } from './paths';

/** A Lua program that HAProxy loads at its start. */
export interface Script {
  /** Name of its file in the ConfigMap. */
  readonly name: string;
  readonly text: string;
}

/** A program from the folder of assets; the same relative path from `src` and from `lib`. */
export function asset(folder: string, name: string): Script {
  return { name, text: readFileSync(join(__dirname, '..', '..', 'assets', folder, name), 'utf8') };
}

/** Programs of every gateway. */
export function gatewayScripts(): Script[] {
  return [asset('gateway', 'authn.lua'), asset('gateway', 'limits.lua')];
}

/** The line of the configuration that loads a program. */
export function loadLine({ name }: Script): string {
  return `lua-load ${PROXY_DIRECTORY}/${name}`;
}
