package facts

// field is what a meta element says.
type field uint8

const (
	noField field = iota
	ogTitle
	otherTitle
	publisherAuthor // by what publishers' systems fill in
	articleAuthor
	metaAuthor
	creatorAuthor
	ogSite
	otherSite
	ogURL
	locale
	contentLanguage
	metaSource
	metaEditor
	ogPublished
	metaPublished
	itemPublished
	weakPublished
	ogModified
	metaModified
)

// metaFields are the keys that matter.
var metaFields = map[string]field{
	"og:title": ogTitle, "twitter:title": otherTitle, "dc.title": otherTitle, "dcterms.title": otherTitle, "headline": otherTitle,
	"citation_title": otherTitle, "sailthru.title": otherTitle, "parsely-title": otherTitle, "articletitle": otherTitle,
	"hdl": otherTitle, "title": otherTitle,

	"parsely-author": publisherAuthor, "sailthru.author": publisherAuthor, "citation_author": publisherAuthor, "byl": publisherAuthor,
	"cxenseparse:author": publisherAuthor, "article:author_name": publisherAuthor, "bt:author": publisherAuthor,
	"article:author": articleAuthor, "og:article:author": articleAuthor, "author": metaAuthor, "article.author": metaAuthor,
	"dc.creator": creatorAuthor, "dcterms.creator": creatorAuthor, "creator": creatorAuthor, "dc.contributor": noField,

	"og:site_name": ogSite, "application-name": otherSite, "sitename": otherSite, "dc.publisher": otherSite, "publisher": otherSite,
	"citation_journal_title": otherSite, "cre": otherSite,

	"og:url": ogURL, "og:locale": locale, "content-language": contentLanguage, "language": contentLanguage, "dc.language": contentLanguage,
	"inlanguage": contentLanguage,

	"contentsource": metaSource, "source": metaSource, "article:source": metaSource,
	"editor": metaEditor,

	"article:published_time": ogPublished, "og:article:published_time": ogPublished, "og:published_time": ogPublished,
	"article:published": ogPublished, "article:post_time": ogPublished, "weibo: article:create_at": ogPublished,
	"weibo:article:create_at": ogPublished, "article:create_at": ogPublished, "bytedance:published_time": ogPublished,

	"parsely-pub-date": metaPublished, "sailthru.date": metaPublished, "pubdate": metaPublished, "publishdate": metaPublished,
	"publish-date": metaPublished, "publish_date": metaPublished, "publication_date": metaPublished, "publicationdate": metaPublished,
	"pub_date": metaPublished, "published": metaPublished, "published_date": metaPublished, "publish_time": metaPublished,
	"publish-time": metaPublished, "pubtime": metaPublished, "ptime": metaPublished, "date.issued": metaPublished,
	"dc.date.issued": metaPublished, "dcterms.issued": metaPublished, "dcterms.date": metaPublished, "dc.date": metaPublished,
	"citation_publication_date": metaPublished, "citation_date": metaPublished, "citation_online_date": metaPublished,
	"originalpublicationdate": metaPublished, "article_date_original": metaPublished, "article.published": metaPublished,
	"cxenseparse:recs:publishtime": metaPublished, "bt:pubdate": metaPublished, "displaydate": metaPublished,
	"article:publicationdate": metaPublished, "rnews:datepublished": metaPublished, "article.created": metaPublished,
	"apub:time": metaPublished, "firstpublishedtime": metaPublished, "dateissued": metaPublished,

	"datepublished": itemPublished, "date": weakPublished, "datecreated": weakPublished, "dc.date.created": weakPublished,
	"dcterms.created": weakPublished, "created": weakPublished, "createdate": weakPublished, "creation_date": weakPublished,
	"dc.created": weakPublished, "date_published": metaPublished, "article-publication-date": metaPublished,

	"article:modified_time": ogModified, "og:article:modified_time": ogModified, "og:updated_time": ogModified,
	"article:modified": ogModified, "weibo: article:update_at": ogModified, "weibo:article:update_at": ogModified,
	"bytedance:updated_time": ogModified, "article:update_at": ogModified, "og:modified_time": ogModified,
	"datemodified": metaModified, "dcterms.modified": metaModified, "dc.date.modified": metaModified, "dc.modified": metaModified,
	"lastmod": metaModified, "modified": metaModified, "last_updated": metaModified, "updated_time": metaModified,
	"article.updated": metaModified, "revised": metaModified, "dateupdate": metaModified, "updated_at": metaModified, "lastmodifiedtime": metaModified, "lastupdate": metaModified, "utime": metaModified,
}

// Meta takes a meta element by its name, property, itemprop or http-equiv, in lower case, and its content, of which the references of
// characters are decoded.
func (c *Collector) Meta(key, content []byte) {
	f := metaFields[string(key)]
	if f == noField || len(content) == 0 {
		return
	}
	switch f {
	case ogTitle:
		c.first(titleOG, content)
	case otherTitle:
		c.first(titleOther, content)
	case publisherAuthor:
		c.list(authorPublisher, content)
	case articleAuthor:
		c.list(authorArticle, content)
	case metaAuthor:
		c.list(authorMeta, content)
	case creatorAuthor:
		c.list(authorCreator, content)
	case ogSite:
		c.first(siteOG, content)
	case otherSite:
		c.first(siteOther, content)
	case ogURL:
		c.first(urlOG, content)
	case locale:
		c.first(languageOG, content)
	case contentLanguage:
		c.first(languageMeta, content)
	case metaSource:
		c.first(sourceMeta, content)
	case metaEditor:
		c.first(editorMeta, content)
	case ogPublished:
		c.machineDate(&c.published, fromMeta, content)
	case metaPublished:
		c.machineDate(&c.published, fromOther, content)
	case itemPublished:
		c.machineDate(&c.published, fromItem, content)
	case weakPublished:
		c.machineDate(&c.published, fromWeak, content)
	case ogModified:
		c.machineDate(&c.modified, fromMeta, content)
	case metaModified:
		c.machineDate(&c.modified, fromOther, content)
	case noField:
	}
}
