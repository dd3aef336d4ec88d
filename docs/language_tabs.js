// SPDX-License-Identifier: BSD-3-Clause
// Makes tabs of code that stands in several languages: a run of paragraphs that hold nothing but the
// bold name of a language, each followed by a block of code. Without this script, and on GitHub, they
// stay what they are, one below the other. The language that was chosen last is shown first, on
// every page.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  var languages = ["C", "C++", "Fortran"];
  var everyGroup = [];

  function languageOf(element) {
    if (!element || element.tagName !== "P" || element.children.length !== 1) return "";
    var name = element.textContent.trim();
    return /^(B|STRONG)$/.test(element.children[0].tagName) && languages.includes(name) ? name : "";
  }

  function choose(language) {
    everyGroup.forEach(function (group) {
      var shown = group.some(function (tab) { return tab.language === language; })
        ? language : group[0].language;
      group.forEach(function (tab) {
        tab.block.hidden = tab.language !== shown;
        tab.button.setAttribute("aria-selected", String(tab.language === shown));
      });
    });
  }

  function makeGroup(heading) {
    var group = [], bar = document.createElement("div");
    bar.className = "language-tabs";
    bar.setAttribute("role", "tablist");
    heading.parentNode.insertBefore(bar, heading);
    for (var next = heading; languageOf(next); ) {
      var block = next.nextElementSibling;
      if (!block || !/\bfragment\b/.test(block.className)) break;
      var button = document.createElement("button");
      button.type = "button";
      button.setAttribute("role", "tab");
      button.textContent = languageOf(next);
      button.addEventListener("click", function (event) {
        var language = event.target.textContent;
        try { localStorage.setItem("language", language); } catch (e) { /* shown all the same */ }
        choose(language);
      });
      bar.appendChild(button);
      group.push({language: button.textContent, block: block, button: button});
      next.hidden = true;
      next = block.nextElementSibling;
    }
    everyGroup.push(group);
  }

  document.querySelectorAll(".textblock p, .contents p").forEach(function (p) {
    var block = p.nextElementSibling, other = block && block.nextElementSibling;
    if (!p.hidden && languageOf(p) && languageOf(other)) makeGroup(p);
  });
  var last = "";
  try { last = localStorage.getItem("language") || ""; } catch (e) { /* none is remembered */ }
  choose(last);
});
