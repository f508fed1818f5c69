/** What the tests use of fengari, whose functions are those of Lua's C API. */
declare module 'fengari' {
  interface LuaState { readonly id: number }

  const lua: {
    readonly LUA_OK: number;
    readonly LUA_TNIL: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    lua_register(state: LuaState, name: string, f: (state: LuaState) => number): void;
    lua_getglobal(state: LuaState, name: Uint8Array): void;
    lua_setglobal(state: LuaState, name: Uint8Array): void;
    lua_newtable(state: LuaState): void;
    lua_settable(state: LuaState, index: number): void;
    lua_next(state: LuaState, index: number): boolean;
    lua_pushnil(state: LuaState): void;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushinteger(state: LuaState, value: number): void;
    lua_pushstring(state: LuaState, value: Uint8Array): void;
    lua_toboolean(state: LuaState, index: number): boolean;
    lua_tonumber(state: LuaState, index: number): number;
    lua_tostring(state: LuaState, index: number): Uint8Array;
    lua_type(state: LuaState, index: number): number;
    lua_pop(state: LuaState, count: number): void;
    lua_pcall(state: LuaState, args: number, results: number, handler: number): number;
  };
  const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_loadbuffer(state: LuaState, text: Uint8Array, size: null, name: Uint8Array): number;
  };
  const lualib: { luaL_openlibs(state: LuaState): void };
  function to_luastring(text: string): Uint8Array;
  function to_jsstring(text: Uint8Array): string;
}
