import { mount } from 'svelte';
import './base.css';
import './font.css';
import './tokens.css';
import DesignView from './DesignView.svelte';

mount(DesignView, { target: document.getElementById('app') ?? document.body });
