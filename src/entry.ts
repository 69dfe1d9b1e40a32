#!/usr/bin/env node
// Signals first: reading the program takes longer than Node's own start.
import './signals.ts';

await import('./bin.ts');
