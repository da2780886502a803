// The page of `winnow report`: its style, its script and what stands round the data. The script
// puts foreign text into the page as text only, never as markup.

enum ReportPage {
  static func head(style: String, script: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'sha256-\(style)'; script-src 'sha256-\(script)'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Winnow: what went</title>
    <style>\(self.style)</style></head><body>
    <header><h1>What went</h1><p id="totals"></p></header>
    <section aria-label="Classes"><h2>By class</h2><div id="classes"></div></section>
    <section aria-label="Rules"><h2>By rule</h2><div id="rules"></div>\
    <button id="morerules" type="button" hidden>All rules</button></section>
    <section aria-label="Documents"><h2>Documents</h2>
    <p class="filter"><input id="search" type="search" placeholder="Name of a document" \
    aria-label="Name of a document"><span id="chosen"></span></p>
    <div id="documents"></div><button id="more" type="button" hidden>More</button></section>
    <noscript><p>The page needs its script, which is part of it.</p></noscript>
    <script type="application/json" id="texts">

    """
  }

  static let middle = "</script>\n<script type=\"application/json\" id=\"index\">"

  static var tail: String { "</script>\n<script>\(script)</script>\n</body></html>\n" }

  static let style = """
    :root{--paper:#fff;--ink:#1c1e21;--quiet:#62676e;--line:#dfe2e6;--cut:#fde8e6;--cutink:#8c1d13;\
    --promo:#8a4fbf;--signup:#2f6fd0;--related:#0f8a80;--attribution:#a86a00;--chrome:#4c7a1e;\
    --evidence:#6b7280}
    @media(prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e6e8eb;--quiet:#9aa1aa;\
    --line:#2d3137;--cut:#3d1f1d;--cutink:#ffb4aa;--promo:#c79bf0;--signup:#86b2f7;\
    --related:#5cc9bf;--attribution:#e3ad51;--chrome:#9cc56c;--evidence:#a3aab5}}
    *{box-sizing:border-box}body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--paper);\
    color:var(--ink);font:16px/1.5 system-ui,sans-serif}
    h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}p{margin:.25rem 0}
    #totals,.quiet{color:var(--quiet)}
    .row{display:grid;grid-template-columns:minmax(0,1fr) 30% 4.5rem;gap:.75rem;align-items:center;\
    width:100%;border:0;background:none;color:inherit;font:inherit;text-align:left;padding:.2rem .4rem;\
    border-radius:.3rem;cursor:pointer}
    .row:hover,.row:focus-visible{background:var(--line)}.row.on{outline:2px solid currentColor}
    .row .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
    .row .count{text-align:right;font-variant-numeric:tabular-nums}
    svg.bar{width:100%;height:.7rem;display:block}
    .promo{color:var(--promo)}.signup{color:var(--signup)}.related{color:var(--related)}
    .attribution{color:var(--attribution)}.chrome{color:var(--chrome)}.evidence{color:var(--evidence)}
    .filter{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
    input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);\
    border-radius:.3rem;padding:.3rem .6rem}input{flex:1 1 14rem;min-width:0}
    .row,.tag{border:0}details{border-top:1px solid var(--line)}
    summary{cursor:pointer;padding:.4rem 0;overflow-wrap:anywhere}
    .text{white-space:pre-wrap;overflow-wrap:anywhere;padding:0 0 1rem;max-width:48rem}
    mark{background:var(--cut);color:var(--cutink);text-decoration:line-through;\
    text-decoration-thickness:1px;border-radius:.2rem}
    mark.faint{opacity:.45}.tag{display:inline;font-size:.8rem;padding:0 .3rem;background:none;\
    cursor:pointer;text-decoration:underline dotted;overflow-wrap:anywhere}
    @media(max-width:36rem){body{padding:.75rem}.row{grid-template-columns:minmax(0,1fr) 22% 3.5rem;\
    gap:.5rem;font-size:.92rem}}
    """

  static let script = #"""
    "use strict";
    const byId=id=>document.getElementById(id);
    const index=JSON.parse(byId("index").textContent);
    const source=byId("texts").textContent;
    const number=new Intl.NumberFormat("en");
    let starts=null;
    function record(at){
      if(!starts){starts=[1];for(let i=1;(i=source.indexOf("\n",i))>=0;i++)starts.push(i+1);}
      return JSON.parse(source.slice(starts[at],starts[at+1]-1));
    }
    function make(kind,classes,text){
      const made=document.createElement(kind);
      if(classes)made.className=classes;
      if(text!==undefined)made.textContent=text;
      return made;
    }
    let category=null,rule=null,shown=0,found=[];
    function bar(share){
      const ns="http://www.w3.org/2000/svg";
      const svg=document.createElementNS(ns,"svg"),rect=document.createElementNS(ns,"rect");
      svg.setAttribute("class","bar");svg.setAttribute("viewBox","0 0 100 10");
      svg.setAttribute("preserveAspectRatio","none");svg.setAttribute("aria-hidden","true");
      rect.setAttribute("width",String(Math.max(.6,share*100)));rect.setAttribute("height","10");
      rect.setAttribute("fill","currentColor");svg.append(rect);return svg;
    }
    function row(name,title,kind,count,most,on,press){
      const made=make("button","row "+kind+(on?" on":""));
      made.type="button";made.title=title;made.setAttribute("aria-pressed",String(on));
      made.append(make("span","name",name),bar(count/most),make("span","count",number.format(count)));
      made.addEventListener("click",press);return made;
    }
    let allRules=false;
    function tables(){
      const classes=byId("classes"),rules=byId("rules");
      classes.replaceChildren(...index.classes.map(([name,count])=>row(name,name,name,count,
        index.classes[0][1],category===name,()=>choose(category===name?null:name,null))));
      const known=index.order.map(i=>[i,...index.rules[i]]).filter(r=>!category||r[2]===category);
      const first=allRules?known:known.slice(0,12);
      rules.replaceChildren(...first.map(([i,name,kind,count,summary])=>{
        const made=row(name,summary,kind,count,known[0][3],rule===i,
          ()=>choose(category,rule===i?null:i));
        made.id="rule"+i;return made;}));
      byId("morerules").hidden=known.length<=first.length;
    }
    function choose(newCategory,newRule){
      category=newCategory;rule=newRule;
      history.replaceState(null,"","#"+(rule!==null?index.rules[rule][0]:category||""));
      tables();filter();
    }
    function filter(){
      const word=byId("search").value.toLowerCase();
      const wanted=new Set();
      if(category)index.rules.forEach((r,i)=>{if(r[1]===category)wanted.add(i);});
      found=[];
      index.documents.forEach(([name,cuts,rules],i)=>{
        if(word&&!name.toLowerCase().includes(word))return;
        if(rule!==null?!rules.includes(rule):category&&!rules.some(r=>wanted.has(r)))return;
        found.push(i);});
      const chosen=byId("chosen");chosen.replaceChildren();
      chosen.append(number.format(found.length)+(found.length===1?" document":" documents"));
      if(category||rule!==null){
        const clear=make("button","","all");clear.type="button";
        clear.addEventListener("click",()=>choose(null,null));
        chosen.append(" with "+(rule!==null?index.rules[rule][0]:category)+" ",clear);
      }
      shown=0;byId("documents").replaceChildren();more();
    }
    function more(){
      const list=byId("documents"),end=Math.min(found.length,shown+100);
      for(;shown<end;shown++)list.append(entry(found[shown],rule!==null&&shown<5));
      byId("more").hidden=shown>=found.length;
    }
    function entry(at,open){
      const [name,cuts]=index.documents[at];
      const made=make("details"),line=make("summary","",name+" ");
      line.append(make("span","quiet",number.format(cuts)+(cuts===1?" cut":" cuts")));
      made.append(line);
      const fill=()=>{if(made.childElementCount<2)made.append(body(at));};
      made.addEventListener("toggle",fill);
      if(open){made.open=true;fill();}
      return made;
    }
    function body(at){
      const text=make("div","text");
      for(const piece of record(at)){
        if(typeof piece==="string"){text.append(piece);continue;}
        if(typeof piece==="number"){
          text.append(make("span","quiet"," [… "+number.format(piece)+" bytes …] "));continue;}
        const [cut,rules]=piece;
        const wanted=rule!==null?rules.includes(rule)
          :!category||rules.some(r=>index.rules[r][1]===category);
        text.append(make("mark",wanted?"":"faint",cut));
        for(const r of rules){
          const tag=make("button","tag "+index.rules[r][1],index.rules[r][0]);
          tag.type="button";tag.title=index.rules[r][3];
          tag.addEventListener("click",()=>{allRules=true;choose(null,r);
            const target=byId("rule"+r);if(target){target.scrollIntoView({block:"center"});target.focus();}});
          text.append(" ",tag);
        }
        if(cut.endsWith("\n"))text.append("\n");
      }
      return text;
    }
    byId("totals").textContent=index.totals;
    byId("search").addEventListener("input",filter);
    byId("more").addEventListener("click",more);
    byId("morerules").addEventListener("click",()=>{allRules=true;tables();});
    // #en/chrome/ad-label or #promo, as in a link to the page.
    const asked=decodeURIComponent(location.hash.slice(1));
    const askedRule=index.rules.findIndex(r=>r[0]===asked);
    if(askedRule>=0)rule=askedRule;
    else if(index.classes.some(c=>c[0]===asked))category=asked;
    tables();filter();
    document.documentElement.dataset.ready=Math.round(performance.now());
    """#
}
