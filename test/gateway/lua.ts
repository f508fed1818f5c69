import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lauxlib, lua, lualib, to_jsstring, to_luastring } from 'fengari';
import type { LuaState } from 'fengari';

/** What goes in and out of Lua. */
type Value = string | number | boolean | Uint8Array | undefined | readonly Value[] | { readonly [key: string]: Value };
type Variables = Readonly<Record<string, string | number>>;

/**
 * A Lua file below `assets` before a fake of HAProxy, in a Lua that is written in JavaScript: tests need nothing installed. Integers have
 * 32 bits here. The end-to-end tests run the same files in HAProxy itself.
 */
export class LuaProgram {
  private readonly state: LuaState = lauxlib.luaL_newstate();

  constructor(path: string, files: Readonly<Record<string, string | Uint8Array>> = {}) {
    lualib.luaL_openlibs(this.state);
    lua.lua_register(this.state, 'sha256', state => {
      push(state, digestOf(to_jsstring(lua.lua_tostring(state, 1))));
      return 1;
    });
    this.run(join(__dirname, 'fake-haproxy.lua'));
    this.write(files);
    this.run(join(__dirname, '../../assets', path));
    this.call('start');
  }

  public get log(): Value[] {
    return this.list('log');
  }

  public list(name: string): Value[] {
    lua.lua_getglobal(this.state, to_luastring(name));
    return Object.values(pop(this.state) as object) as Value[];
  }

  public set(name: string, value: Value): void {
    push(this.state, value);
    lua.lua_setglobal(this.state, to_luastring(name));
  }

  /** Files that the program finds from now on. */
  public write(files: Readonly<Record<string, string | Uint8Array | undefined>>): void {
    Object.entries(files).forEach(([path, content]) => this.call('write', path, content));
  }

  /** The next turn of what the program does every few seconds. */
  public wake(): void {
    this.call('wake');
  }

  /** Variables of a request after an action. */
  public act(name: string, variables: Variables = {}, body?: Uint8Array): Variables {
    return this.call('act', name, variables, body) as Variables;
  }

  /** How a request ends whose body passes a filter in pieces of these lengths, and after how many of them. */
  public pass(name: string, variables: Variables, pieces: readonly number[], isAnswer = false): Value {
    return this.call('pass', name, variables, pieces, isAnswer);
  }

  private call(name: string, ...args: readonly Value[]): Value {
    lua.lua_getglobal(this.state, to_luastring(name));
    args.forEach(arg => push(this.state, arg));
    this.check(lua.lua_pcall(this.state, args.length, 1, 0));
    return pop(this.state);
  }

  private run(file: string): void {
    this.check(lauxlib.luaL_loadbuffer(this.state, readFileSync(file), null, to_luastring(`@${file}`)));
    this.check(lua.lua_pcall(this.state, 0, 0, 0));
  }

  private check(status: number): void {
    if (status !== lua.LUA_OK) { throw new Error(String(pop(this.state))); }
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function push(state: LuaState, value: Value): void {
  if (value === undefined) {
    lua.lua_pushnil(state);
  } else if (typeof value === 'string') {
    lua.lua_pushstring(state, to_luastring(value));
  } else if (typeof value === 'number') {
    lua.lua_pushinteger(state, value);
  } else if (typeof value === 'boolean') {
    lua.lua_pushboolean(state, value);
  } else if (value instanceof Uint8Array) {
    lua.lua_pushstring(state, value);
  } else {
    lua.lua_newtable(state);
    Object.entries(value).forEach(([key, entry]) => {
      push(state, Array.isArray(value) ? Number(key) + 1 : key);
      push(state, entry as Value);
      lua.lua_settable(state, -3);
    });
  }
}

/** Tables become objects, lists with the keys 1, 2 and so on. */
function pop(state: LuaState): Value {
  const value = at(state, -1);
  lua.lua_pop(state, 1);
  return value;
}

function at(state: LuaState, index: number): Value {
  switch (lua.lua_type(state, index)) {
    case lua.LUA_TNIL: return undefined;
    case lua.LUA_TBOOLEAN: return lua.lua_toboolean(state, index);
    case lua.LUA_TNUMBER: return lua.lua_tonumber(state, index);
    case lua.LUA_TSTRING: return to_jsstring(lua.lua_tostring(state, index));
    default: {
      const table: Record<string, Value> = {};
      lua.lua_pushnil(state);
      while (lua.lua_next(state, index - 1)) {
        table[String(at(state, -2))] = at(state, -1);
        lua.lua_pop(state, 1);
      }
      return table;
    }
  }
}
