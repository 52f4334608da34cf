package article

// names are what the words of a container's id and classes say of it.
type names uint16

const (
	nameGood     names = 1 << iota // the text of an article is often called so
	nameWeak                       // what has many links beside is no part of it
	nameBad                        // it is something else
	nameNever                      // it is something else even if it has much text
	nameComments                   // of readers
	nameByline                     // who wrote it when
	nameCaption                    // of a picture
	nameEmbed                      // it is quoted from elsewhere
	nameLead                       // what a text begins with
	nameThread                     // what people say to each other
	nameAnswer                     // a question, or what answers it
)

// words has the words that say something.
var words = func() map[string]names {
	m := map[string]names{}
	for n, list := range map[names][]string{
		nameGood: {
			"article", "content", "body", "text", "entry", "post", "story", "main", "detail", "details", "para", "paragraph", "txt", "page", "news",
			"zhengwen", "wenzhang", "neirong", "contents", "blog", "editor", "ueditor", "single", "arc", "cont", "con",
		},
		nameWeak: {
			"list", "more", "hot", "top", "link", "links", "header", "head", "box", "title", "meta", "info", "item", "items", "tool", "tools", "side",
			"left", "right", "bottom", "note", "notes", "image", "img", "media", "video", "gallery", "photo", "pic", "slideshow", "action",
			"actions", "button", "buttons", "btn", "bar", "next", "prev", "label", "topic", "topics", "category", "categories", "tag",
			"channel", "section", "extra", "latest", "new", "rail", "widget", "widgets", "module", "print", "user",
		},
		nameBad: {
			"related", "relate", "recommend", "recommended", "recommendation", "recommendations", "banner", "ad", "ads", "adv", "advert",
			"advertisement", "advertorial", "sponsor", "sponsored", "sponsors", "promo", "promotion", "promoted", "newsletter", "subscribe",
			"subscription", "signup", "login", "register", "tags", "tagcloud", "rank", "ranking", "pager", "pagination", "pagenav", "paging",
			"popup", "popover", "toolbar", "share", "sharing", "shares", "sharebar", "social", "socials", "outbrain", "taboola", "follow",
			"rating", "ratings", "vote", "poll", "toc", "skip", "disclaimer", "popular", "trending", "trends", "mostread", "bio", "aside",
			"teaser", "teasers", "carousel", "slider", "swiper", "alsoread", "readmore", "morefrom", "jump", "donate", "donation", "hotnews",
			"hotlist", "topbar", "copyrights", "statement", "relatednews", "xiangguan", "tuijian", "fenxiang", "daohang", "guanggao", "remen", "dibu",
			"bottombar", "qrcode", "ewm", "erweima", "bdshare", "bdsharebuttonbox", "jiathis", "sns", "pagelist", "prevnext", "addthis", "sharethis",
			"email", "whatsapp", "facebook", "twitter", "pinterest", "hidden", "offscreen", "modal", "overlay", "dropdown", "shop", "store", "deals",
			"buy", "app", "apps", "download", "survey", "feedback", "correction", "mplayer", "pullquote", "pull", "sign", "sig",
			"signature",
		},
		nameNever: {
			"nav", "navigation", "navbar", "menu", "breadcrumb", "breadcrumbs", "crumb", "crumbs", "footer", "foot", "masthead", "cookie", "cookies",
			"consent", "gdpr", "subnav", "topnav", "submenu", "sidebar", "privacy", "sr", "copyright", "cli",
		},
		nameComments: {"comment", "comments", "disqus", "reply", "replies", "respond", "commentlist", "pinglun", "comt", "livefyre", "discussion", "cmt"},
		nameByline: {
			"byline", "author", "authors", "date", "time", "timestamp", "pubtime", "dateline", "published", "publish", "posted", "source", "laiyuan",
			"editors", "sign", "signature", "contributor", "contributors", "readtime",
		},
		nameCaption: {"caption", "captions", "credit", "credits", "figcaption", "lightbox"},
		nameLead:    {"dek", "deck", "standfirst", "summary", "abstract", "intro", "lede"},
		nameThread: {
			"thread", "forum", "bbs", "viewthread", "viewtopic", "postlist", "postmessage", "floor", "message", "messages", "plc", "postbody", "threads",
		},
		nameEmbed: {"tweet", "embed", "embedded", "quote"},
	} {
		for _, w := range list {
			m[w] = n
		}
	}
	return m
}()

// maxWord is more than the longest word has, in bytes.
const maxWord = 24

// readNames reads the words of names: they are parted by signs, digits, and capitals behind small letters.
func readNames(text []byte) (n names) {
	var word [maxWord]byte
	length, small := 0, false
	end := func() {
		if 1 < length && length <= maxWord {
			n |= words[string(word[:length])]
		}
		length, small = 0, false
	}
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z':
			small = true
		case 'A' <= c && c <= 'Z':
			if small {
				end()
			}
			c |= 0x20
		default:
			end()
			continue
		}
		if length < maxWord {
			word[length] = c
		}
		length++
	}
	end()
	return n
}
