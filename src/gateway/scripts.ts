import { basename } from 'node:path';
import { PROXY_DIRECTORY } from './paths';
import { asset } from '../assets/asset';

/** A Lua program that HAProxy loads at its start. */
export interface Script {
  /** Name of its file in the ConfigMap. */
  readonly name: string;
  readonly text: string;
}

/** The program in a file below `assets`. */
export function script(path: string): Script {
  return { name: basename(path), text: asset(path) };
}

/** Programs of every gateway. */
export function gatewayScripts(): Script[] {
  return [script('gateway/authn.lua'), script('gateway/limits.lua')];
}

/** The line of the configuration that loads a program. */
export function loadLine({ name }: Script): string {
  return `lua-load ${PROXY_DIRECTORY}/${name}`;
}
