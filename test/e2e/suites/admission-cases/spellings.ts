/** Each letter of the alphabet that has a look-alike, with some of them: Cyrillic, Greek, full width, mathematical. */
const CONFUSABLES: Readonly<Record<string, string>> = {
  A: 'АΑＡ', B: 'ВΒＢ', C: 'СϹＣ', D: 'ⅮＤ', E: 'ЕΕＥ', I: 'ІΙⅠ', K: 'КΚ\u212a', M: 'МΜＭ', N: 'ΝＮ', O: 'ОΟＯ', P: 'РΡＰ', S: 'ЅＳ', T: 'ТΤＴ', Y: 'ҮΥＹ',
};

/** A name with one letter in the place of another. */
function confused(name: string): string[] {
  return [...new Set(name)].flatMap(letter => [...CONFUSABLES[letter] ?? ''].map(other => name.replace(letter, other)));
}

/**
 * Spellings of capabilities that some runtime, of today or of tomorrow, could take for one that is reserved: other cases and prefixes,
 * letters whose upper case is another letter, look-alikes, blanks and what cannot be seen, and numbers.
 */
export const SPELLINGS: readonly string[] = [...new Set([
  // Other cases and prefixes.
  'bpf', 'Bpf', 'bPF', 'CAP_BPF', 'cap_bpf', 'Cap_Perfmon', 'CAP_CAP_BPF', 'CAPBPF', 'CAP-BPF', 'cap_CAP_bpf', 'all', 'All', 'CAP_ALL', 'cap_all', 'sys_admin', 'Sys_Admin',
  'CAP_SYS_ADMIN', 'cap_syslog', 'SYS-ADMIN', 'SYSADMIN', 'SYS__ADMIN', 'CAP_SYS_PTRACE', 'net_raw', 'CAP_NET_ADMIN',
  // Upper case turns these letters into others: long s, dotless i, ligatures, sharp s.
  'ſYS_ADMIN', 'ſys_admin', 'SYſ_ADMIN', 'SYS_ADMıN', 'sys_admın', 'ſYſ_ADMıN', 'ſYSLOG', 'ſYS_PTRACE', 'ſYS_MODULE', 'ſYS_RAWıO', 'CAP_ſYS_ADMIN', 'cap_ſys_admın', 'SYS_ADMİN', 'SYS_ADMi̇N',
  'ßYS_ADMIN', 'SYﬆEM', 'ᴀLL', 'ⓈⓎⓈ_ⒶⒹⓂⒾⓃ', '𝐒𝐘𝐒_𝐀𝐃𝐌𝐈𝐍', '𝖠𝖫𝖫',
  // Blanks, and what cannot be seen.
  ' SYS_ADMIN', 'SYS_ADMIN ', '\tBPF', 'BPF\n', 'SYS ADMIN', 'SYS\u00a0_ADMIN', 'SYS_\u200bADMIN', '\ufeffSYS_ADMIN', 'SYS_ADMIN\u00ad', 'SYS_ADMIN\u0301', 'S\u0423S_ADMIN', '\u202eNIMDA_SYS',
  // Numbers, nothing, and everything at once.
  '', '*', '21', '0x15', 'CAP_21', 'SYS_ADMIN,CHOWN', 'CHOWN,SYS_ADMIN', 'SYS_ADMIN=ep', 'all=eip', 'cap_sys_admin+ep', '!CHOWN', 'BPFX', 'XBPF', 'SYS_ADMINISTRATOR', 'UNKNOWN',
  // Spellings of what is harmless: not the name, so nobody knows what a runtime makes of it.
  'chown', 'CAP_CHOWN', 'Net_Bind_Service', 'ſETUID',
  ...confused('SYS_ADMIN'), ...confused('BPF'), ...confused('CHECKPOINT'),
])];
