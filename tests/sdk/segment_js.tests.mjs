// SPDX-License-Identifier: Apache-2.0
import { testBrowserSdk } from './browser_sdk_cases.mjs';
import { segment } from './browser_sdks.mjs';

testBrowserSdk(segment);
