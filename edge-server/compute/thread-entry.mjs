/* A thread begins with plain JavaScript: tsx, which reads the rest, registers itself on the main thread alone. */
import { register } from 'tsx/esm/api';

register();
await import('./thread-main.ts');
